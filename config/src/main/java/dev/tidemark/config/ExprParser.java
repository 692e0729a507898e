package dev.tidemark.config;

import dev.tidemark.config.Expr.Operator;
import dev.tidemark.config.Expr.Relation;
import dev.tidemark.config.Token.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Reads an expression by the grammar in {@link Expr}, one method a level, and has the {@link Typer} check each node.
 *
 * <p>Null stands for a part whose problem is told.
 */
final class ExprParser {
    private final TokenStream tokens;
    private final Typer typer;
    private final CallTyper calls;
    private final CallParser callParser;

    private ExprParser(TokenStream tokens, Lets lets, Problems problems) {
        this.tokens = tokens;
        this.typer = new Typer(problems, lets);
        this.calls = new CallTyper(problems, typer);
        this.callParser = new CallParser(tokens, typer, calls, lets, problems, this::expression);
    }

    /**
     * The expression, or null when there are problems.
     *
     * @param lets the names it may use
     */
    static @Nullable Expr parse(ScalarText scalar, HostMemory host, Lets lets, Problems problems) {
        TokenStream tokens = new TokenStream(Lexer.tokens(scalar, host, problems), lets, problems);
        @Nullable Expr expr = new ExprParser(tokens, lets, problems).whole();
        if (expr == null) {
            return null;
        }
        @Nullable String tooLarge = Extent.of(expr, lets).problem();
        if (tooLarge != null) {
            problems.add(expr.span(), tooLarge);
            return null;
        }
        return expr;
    }

    private @Nullable Expr whole() {
        @Nullable Expr expr = expression();
        while (tokens.peek().kind() != Kind.END) {
            tokens.unexpected();
            tokens.next();
            tokens.found();
            if (tokens.peek().kind() != Kind.END) {
                expression();
            }
            expr = null;
        }
        return expr;
    }

    private @Nullable Expr expression() {
        @Nullable Expr left = and();
        while (tokens.accept("or")) {
            left = typer.or(left, and());
        }
        return left;
    }

    private @Nullable Expr and() {
        @Nullable Expr left = then();
        while (tokens.accept("and")) {
            left = typer.and(left, then());
        }
        return left;
    }

    private @Nullable Expr then() {
        @Nullable Expr first = not();
        while (tokens.accept("then")) {
            @Nullable Expr second = not();
            @Nullable Timespan within = null;
            if (tokens.accept("within")) {
                within = tokens.duration("within", "within 5s");
            } else if (!tokens.lost()) {
                tokens.formProblem(tokens.peek(), "\"then\" needs a time; write a then b within 5s");
            }
            first = typer.then(first, second, within);
        }
        return first;
    }

    private @Nullable Expr not() {
        Token start = tokens.peek();
        if (!start.is("not")) {
            return timed();
        }
        if (!tokens.enter(start)) {
            return null;
        }
        tokens.next();
        @Nullable Expr operand = not();
        tokens.leave();
        return typer.not(operand, start.span());
    }

    private @Nullable Expr timed() {
        @Nullable Expr condition = comparison();
        while (tokens.peek().isAny("for", "hold")) {
            Token word = tokens.next();
            @Nullable Timespan duration = tokens.duration(word.text(), word.text() + " 2s");
            condition = word.is("for") ? typer.heldFor(condition, duration) : typer.hold(condition, duration);
        }
        return condition;
    }

    private @Nullable Expr comparison() {
        @Nullable Expr left = sum();
        @Nullable Relation relation = relation(tokens.peek());
        if (relation == null) {
            return left;
        }
        tokens.next();
        @Nullable Expr result = typer.compare(relation, left, sum());
        while (relation(tokens.peek()) != null) {
            tokens.problem(tokens.peek().span(), "comparisons do not chain; write a < b and b < c");
            tokens.next();
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
        while (tokens.peek().isAny("+", "-")) {
            Token symbol = tokens.next();
            Operator operator = symbol.is("+") ? Operator.ADD : Operator.SUBTRACT;
            left = typer.arithmetic(operator, left, product(), symbol);
        }
        return left;
    }

    private @Nullable Expr product() {
        @Nullable Expr left = negation();
        while (tokens.peek().isAny("*", "/") || tokens.peek().is("of")) {
            Token symbol = tokens.next();
            Operator operator = symbol.is("/") ? Operator.DIVIDE : Operator.MULTIPLY;
            left = typer.arithmetic(operator, left, negation(), symbol);
        }
        return left;
    }

    private @Nullable Expr negation() {
        Token start = tokens.peek();
        if (!start.is("-")) {
            return windowed();
        }
        if (!tokens.enter(start)) {
            return null;
        }
        tokens.next();
        @Nullable Expr operand = negation();
        tokens.leave();
        return typer.negate(operand, start.span());
    }

    private @Nullable Expr windowed() {
        @Nullable Expr value = primary();
        while (tokens.accept("over")) {
            value = calls.over(value, tokens.window("over", "over 2s"));
        }
        return typer.settled(value);
    }

    private @Nullable Expr primary() {
        Token token = tokens.peek();
        switch (token.kind()) {
            case LITERAL -> {
                tokens.next();
                boolean least = token.unit() == Unit.COUNT
                        && tokens.peek().is("of")
                        && tokens.peekBehind().is("(");
                return least ? callParser.atLeast(token) : new Expr.Literal(token.value(), token.unit(), token.span());
            }
            case BAD -> {
                tokens.next();
                return null;
            }
            case WORD -> {
                if (!Words.KEYWORDS.contains(token.text())) {
                    tokens.next();
                    return word(token);
                }
            }
            case SYMBOL -> {
                if (token.is("(")) {
                    return group(token);
                }
            }
            case STRING -> {
                return tokens.formProblem(
                        token, "a text in quotes is no value; a cgroup is written " + Operation.CGROUP.example());
            }
            case END -> {}
        }
        return tokens.formProblem(
                token,
                token.kind() == Kind.END
                        ? "a value is missing at the end"
                        : "a value is missing before " + Shown.quoted(token.text()));
    }

    private @Nullable Expr word(Token word) {
        if (tokens.peek().is("(")) {
            return callParser.call(word);
        }
        return tokens.accept("trigger") ? pressure(word) : typer.word(word);
    }

    private @Nullable Expr pressure(Token name) {
        @Nullable Timespan stall = tokens.anyDuration("trigger", "trigger 150ms/1s");
        if (!tokens.accept("/")) {
            if (stall != null) {
                tokens.formProblem(
                        tokens.peek(), "a trigger is a stall within a window, as in psi.some trigger 150ms/1s");
            }
            return null;
        }
        return typer.pressure(name, stall, tokens.anyDuration("trigger", "trigger 150ms/1s"));
    }

    private @Nullable Expr group(Token open) {
        if (!tokens.enter(open)) {
            return null;
        }
        tokens.next();
        @Nullable Expr inside = expression();
        @Nullable Token end = callParser.close(open, "");
        tokens.leave();
        return end != null && inside != null ? Respan.at(inside, open.span().to(end.span())) : null;
    }
}
