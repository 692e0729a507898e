package dev.tidemark.config;

import dev.tidemark.config.Token.Kind;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of one expression, read from left to right.
 *
 * <p>After a problem of form it goes on behind the next {@code and}, {@code or}, {@code then}, comma or closing parenthesis, so
 * that one look finds the problems of all parts; what is odd in between follows from the problem and is not told.
 */
final class TokenStream {
    /** A level of parentheses takes some fifteen frames, and the agent's stacks are small. */
    private static final int MAX_DEPTH = 32;

    static final Duration MIN_WINDOW = Duration.ofMillis(1);
    static final Duration MAX_WINDOW = Duration.ofHours(24);

    private final List<Token> tokens;
    private final Problems problems;
    private final Lets lets;
    private int at;
    private int depth;
    private boolean lost;

    TokenStream(List<Token> tokens, Lets lets, Problems problems) {
        this.tokens = tokens;
        this.lets = lets;
        this.problems = problems;
    }

    Token peek() {
        return tokens.get(at);
    }

    Token peekBehind() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token next() {
        Token token = tokens.get(at);
        if (token.kind() != Kind.END) {
            at++;
        }
        return token;
    }

    /** Goes behind the word if it is here. */
    boolean accept(String word) {
        if (!peek().is(word)) {
            return false;
        }
        next();
        if (word.equals("and") || word.equals("or") || word.equals("then") || word.equals(",")) {
            lost = false;
        }
        return true;
    }

    /** Whether a problem of form led here. */
    boolean lost() {
        return lost;
    }

    /** Starts a part in which problems are told again. */
    void found() {
        lost = false;
    }

    void problem(Span span, String message) {
        if (!lost) {
            problems.add(span, message);
        }
    }

    /** Goes one level down, unless that is too deep: then the problem is told. */
    boolean enter(Token token) {
        if (depth == MAX_DEPTH) {
            formProblem(token, "nested more than " + MAX_DEPTH + " deep");
            return false;
        }
        depth++;
        return true;
    }

    void leave() {
        depth--;
    }

    /** Tells a problem of form unless one led here, and goes on to where the next part may start. */
    @Nullable
    Expr formProblem(Token token, String message) {
        problem(token.span(), message);
        lost = true;
        int open = 0;
        while (peek().kind() != Kind.END) {
            Token here = peek();
            if (open == 0 && (here.isAny("and", "or") || here.isAny(")", ",") || here.is("then"))) {
                break;
            }
            open += here.is("(") ? 1 : here.is(")") ? -1 : 0;
            next();
        }
        return null;
    }

    /** Tells of what stands where an operator or the end was due. */
    void unexpected() {
        Token token = peek();
        if (token.is(")")) {
            formProblem(token, "there is no '(' for this ')'");
        } else if (token.is(",")) {
            formProblem(token, "a comma belongs between the arguments of a function, as in rate(pgscan, 5s)");
        } else if (token.kind() == Kind.BAD) {
            lost = true;
            formProblem(token, "");
        } else {
            formProblem(token, Words.misplaced(token, at > 0 ? tokens.get(at - 1) : token));
        }
    }

    /** A window or a time to hold: a plain literal of 1 ms to 24 h, or a name for one. */
    @Nullable
    Timespan duration(String word, String example) {
        @Nullable Timespan time = anyDuration(word, example);
        if (time == null) {
            return null;
        }
        if (time.duration().compareTo(MIN_WINDOW) < 0 || time.duration().compareTo(MAX_WINDOW) > 0) {
            String written = problems.source().quote(time.span());
            problem(time.span(), written + " is out of range; 1ms to 24h are possible");
            return null;
        }
        return time;
    }

    /** A duration that may be followed by {@code tumbling}. */
    @Nullable
    Timespan window(String word, String example) {
        @Nullable Timespan time = duration(word, example);
        if (!peek().is("tumbling")) {
            return time;
        }
        Token tumbling = next();
        return time == null
                ? null
                : new Timespan(time.duration(), true, time.span().to(tumbling.span()));
    }

    /** A duration of any length. */
    @Nullable
    Timespan anyDuration(String word, String example) {
        Token token = peek();
        if (token.kind() == Kind.BAD) {
            next();
            return null;
        }
        if (token.is("-") && peekBehind().kind() == Kind.LITERAL) {
            problem(token.span().to(peekBehind().span()), "a duration cannot be negative; write " + example);
            next();
            next();
            return null;
        }
        if (token.kind() == Kind.WORD && lets.contains(token.text())) {
            next();
            return named(token, example);
        }
        if (token.kind() != Kind.LITERAL) {
            formProblem(token, Shown.quoted(word) + " needs a duration; write " + example);
            return null;
        }
        next();
        return timespan(token, token.value(), token.unit(), example);
    }

    private @Nullable Timespan named(Token name, String example) {
        @Nullable Expr body = lets.use(name, problems);
        if (body == null) {
            return null;
        }
        if (!(Traits.bare(body) instanceof Expr.Literal literal)) {
            problem(
                    name.span(),
                    "%s is no plain duration but one is needed; write %s"
                            .formatted(Shown.quoted(name.text()), example));
            return null;
        }
        return timespan(name, literal.value(), literal.unit(), example);
    }

    private @Nullable Timespan timespan(Token token, double value, Unit unit, String example) {
        if (unit == Unit.COUNT && token.kind() == Kind.LITERAL) {
            problem(token.span(), "%1$s has no unit; write %1$ss or %1$sms".formatted(token.text()));
            return null;
        }
        if (unit != Unit.DURATION) {
            problem(
                    token.span(),
                    "%s is %s but a duration is needed; write %s".formatted(token.text(), unit.description(), example));
            return null;
        }
        Duration duration = Duration.ofNanos(Math.round(Math.min(value, 1e9) * 1e9));
        return new Timespan(duration, false, token.span());
    }
}
