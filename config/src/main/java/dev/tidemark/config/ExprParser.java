package dev.tidemark.config;

import dev.tidemark.config.Expr.Operator;
import dev.tidemark.config.Expr.Relation;
import dev.tidemark.config.Token.Kind;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads an expression by the grammar in {@link Expr}, one method a level, and has the {@link Typer} check each node.
 *
 * <p>Null stands for a part whose problem is told. After a problem of form it goes on behind the next {@code and}, {@code
 * or} or closing parenthesis, so that one look finds the problems of all parts.
 */
final class ExprParser {
    /** A level of parentheses takes some ten frames, and the agent's stacks are small. */
    private static final int MAX_DEPTH = 32;

    static final Duration MIN_WINDOW = Duration.ofMillis(1);
    static final Duration MAX_WINDOW = Duration.ofHours(24);

    private final List<Token> tokens;
    private final Problems problems;
    private final Typer typer;
    private int at;
    private int depth;
    /** Set from a problem of form to the place where reading goes on: what is odd in between follows from it. */
    private boolean lost;

    private ExprParser(List<Token> tokens, Problems problems) {
        this.tokens = tokens;
        this.problems = problems;
        this.typer = new Typer(problems);
    }

    /** The expression, or null when there are problems. */
    static @Nullable Expr parse(ScalarText scalar, HostMemory host, Problems problems) {
        ExprParser parser = new ExprParser(Lexer.tokens(scalar, host, problems), problems);
        @Nullable Expr expr = parser.expression();
        while (parser.peek().kind() != Kind.END) {
            parser.unexpected();
            parser.next();
            parser.lost = false;
            if (parser.peek().kind() != Kind.END) {
                parser.expression();
            }
            expr = null;
        }
        return expr;
    }

    private @Nullable Expr expression() {
        @Nullable Expr left = and();
        while (accept("or")) {
            left = typer.or(left, and());
        }
        return left;
    }

    private @Nullable Expr and() {
        @Nullable Expr left = not();
        while (accept("and")) {
            left = typer.and(left, not());
        }
        return left;
    }

    private @Nullable Expr not() {
        Token start = peek();
        if (!start.is("not")) {
            return timed();
        }
        if (tooDeep(start)) {
            return null;
        }
        next();
        depth++;
        @Nullable Expr operand = not();
        depth--;
        return typer.not(operand, start.span());
    }

    private @Nullable Expr timed() {
        @Nullable Expr condition = comparison();
        while (peek().isAny("for", "hold")) {
            Token word = next();
            @Nullable Timespan duration = duration(word);
            condition = word.is("for") ? typer.heldFor(condition, duration) : typer.hold(condition, duration);
        }
        return condition;
    }

    private @Nullable Expr comparison() {
        @Nullable Expr left = sum();
        @Nullable Relation relation = relation(peek());
        if (relation == null) {
            return left;
        }
        next();
        @Nullable Expr result = typer.compare(relation, left, sum());
        while (relation(peek()) != null) {
            if (!lost) {
                problems.add(peek().span(), "comparisons do not chain; write a < b and b < c");
            }
            next();
            sum();
            result = null;
        }
        return result;
    }

    private static @Nullable Relation relation(Token token) {
        for (Relation relation : Relation.values()) {
            if (token.is(relation.symbol())) {
                return relation;
            }
        }
        return null;
    }

    private @Nullable Expr sum() {
        @Nullable Expr left = product();
        while (peek().isAny("+", "-")) {
            Token symbol = next();
            Operator operator = symbol.is("+") ? Operator.ADD : Operator.SUBTRACT;
            left = typer.arithmetic(operator, left, product(), symbol);
        }
        return left;
    }

    private @Nullable Expr product() {
        @Nullable Expr left = negation();
        while (peek().isAny("*", "/") || peek().is("of")) {
            Token symbol = next();
            Operator operator = symbol.is("/") ? Operator.DIVIDE : Operator.MULTIPLY;
            left = typer.arithmetic(operator, left, negation(), symbol);
        }
        return left;
    }

    private @Nullable Expr negation() {
        Token start = peek();
        if (!start.is("-")) {
            return windowed();
        }
        if (tooDeep(start)) {
            return null;
        }
        next();
        depth++;
        @Nullable Expr operand = negation();
        depth--;
        return typer.negate(operand, start.span());
    }

    private @Nullable Expr windowed() {
        @Nullable Expr value = primary();
        while (peek().is("over")) {
            Token word = next();
            value = typer.over(value, duration(word));
        }
        return value;
    }

    private @Nullable Expr primary() {
        Token token = peek();
        switch (token.kind()) {
            case LITERAL -> {
                next();
                return new Expr.Literal(token.value(), token.unit(), token.span());
            }
            case BAD -> {
                next();
                return null;
            }
            case WORD -> {
                if (!Words.KEYWORDS.contains(token.text())) {
                    next();
                    return peek().is("(") ? call(token) : typer.signal(token);
                }
            }
            case SYMBOL -> {
                if (token.is("(")) {
                    return group(token);
                }
            }
            case END -> {}
        }
        return formProblem(
                token,
                token.kind() == Kind.END
                        ? "a value is missing at the end"
                        : "a value is missing before " + Shown.quoted(token.text()));
    }

    private @Nullable Expr group(Token open) {
        if (tooDeep(open)) {
            return null;
        }
        next();
        depth++;
        @Nullable Expr inside = expression();
        @Nullable Token end = close(open);
        depth--;
        return end != null && inside != null ? Respan.at(inside, open.span().to(end.span())) : null;
    }

    private @Nullable Expr call(Token name) {
        Token open = next();
        if (tooDeep(open)) {
            return null;
        }
        depth++;
        @Nullable Expr operand = expression();
        @Nullable Timespan window = null;
        if (accept(",")) {
            lost = false;
            window = duration(name);
        } else if (Words.FUNCTIONS.contains(name.text()) && !lost) {
            formProblem(
                    peek(),
                    "%1$s takes a value and a window, as in %1$s(pgscan, 5s); the window is missing"
                            .formatted(name.text()));
        }
        @Nullable Token end = close(open);
        depth--;
        @Nullable Expr result = typer.call(name, operand, window, (end == null ? open : end).span());
        return end == null ? null : result;
    }

    /** The parenthesis that closes the open one, or null when what is inside has a problem of form. */
    private @Nullable Token close(Token open) {
        if (!lost && peek().kind() == Kind.END) {
            problems.add(open.span(), "this '(' is never closed");
            lost = true;
            return null;
        }
        boolean whole = !lost;
        while (!peek().is(")") && peek().kind() != Kind.END) {
            whole = false;
            unexpected();
            if (!peek().is(")")) {
                next();
                lost = false;
                expression();
            }
        }
        lost = false;
        Token end = next();
        return whole ? end : null;
    }

    /** A window or a time to hold, which is always a plain literal. */
    private @Nullable Timespan duration(Token word) {
        Token token = peek();
        String example = Words.FUNCTIONS.contains(word.text()) ? "a window such as 5s" : word.text() + " 2s";
        if (token.kind() == Kind.BAD) {
            next();
            return null;
        }
        if (token.is("-") && tokens.get(at + 1).kind() == Kind.LITERAL) {
            problems.add(token.span().to(tokens.get(at + 1).span()), "a duration cannot be negative; write " + example);
            next();
            next();
            return null;
        }
        if (token.kind() != Kind.LITERAL) {
            formProblem(token, Shown.quoted(word.text()) + " needs a duration; write " + example);
            return null;
        }
        next();
        if (token.unit() == Unit.COUNT) {
            problems.add(token.span(), "%1$s has no unit; write %1$ss or %1$sms".formatted(token.text()));
            return null;
        }
        if (token.unit() != Unit.DURATION) {
            problems.add(
                    token.span(),
                    "%s is %s but a duration is needed; write %s"
                            .formatted(token.text(), token.unit().description(), example));
            return null;
        }
        Duration duration = Duration.ofNanos(Math.round(Math.min(token.value(), 1e9) * 1e9));
        if (duration.compareTo(MIN_WINDOW) < 0 || duration.compareTo(MAX_WINDOW) > 0) {
            problems.add(token.span(), token.text() + " is out of range; 1ms to 24h are possible");
            return null;
        }
        return new Timespan(duration, token.span());
    }

    /** A duration and where it stands. */
    record Timespan(Duration duration, Span span) {}

    private void unexpected() {
        Token token = peek();
        if (token.is(")")) {
            formProblem(token, "there is no '(' for this ')'");
        } else if (token.is(",")) {
            formProblem(token, "a comma belongs between the two arguments of rate and delta");
        } else if (token.kind() == Kind.BAD) {
            lost = true;
            formProblem(token, "");
        } else {
            formProblem(token, Words.misplaced(token, at > 0 ? tokens.get(at - 1) : token));
        }
    }

    /** Tells a problem of form unless one led here, and goes on to where the next part may start. */
    private @Nullable Expr formProblem(Token token, String message) {
        if (!lost) {
            problems.add(token.span(), message);
        }
        lost = true;
        int open = 0;
        while (peek().kind() != Kind.END) {
            Token here = peek();
            if (open == 0 && (here.isAny("and", "or") || here.isAny(")", ","))) {
                break;
            }
            open += here.is("(") ? 1 : here.is(")") ? -1 : 0;
            next();
        }
        return null;
    }

    private boolean tooDeep(Token token) {
        if (depth < MAX_DEPTH) {
            return false;
        }
        formProblem(token, "nested more than " + MAX_DEPTH + " deep");
        return true;
    }

    private boolean accept(String word) {
        if (!peek().is(word)) {
            return false;
        }
        next();
        if (word.equals("and") || word.equals("or")) {
            lost = false;
        }
        return true;
    }

    private Token peek() {
        return tokens.get(at);
    }

    private Token next() {
        Token token = tokens.get(at);
        if (token.kind() != Kind.END) {
            at++;
        }
        return token;
    }
}
