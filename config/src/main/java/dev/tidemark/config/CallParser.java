package dev.tidemark.config;

import dev.tidemark.config.Operation.Form;
import dev.tidemark.config.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what has parentheses of its own: functions, {@code k of (...)} and {@code cgroup("path").signal}. */
final class CallParser {
    private final TokenStream tokens;
    private final Typer typer;
    private final CallTyper calls;
    private final Lets lets;
    private final Problems problems;
    private final Reader expression;

    /** Reads a whole expression. */
    interface Reader {
        @Nullable
        Expr read();
    }

    CallParser(TokenStream tokens, Typer typer, CallTyper calls, Lets lets, Problems problems, Reader expression) {
        this.tokens = tokens;
        this.typer = typer;
        this.calls = calls;
        this.lets = lets;
        this.problems = problems;
        this.expression = expression;
    }

    /** The call of {@code name}, behind which stands the opening parenthesis. */
    @Nullable
    Expr call(Token name) {
        Token open = tokens.next();
        if (!tokens.enter(open)) {
            return null;
        }
        @Nullable Operation operation = Operation.named(name.text());
        @Nullable
        Expr result = operation == null
                ? added(name, open)
                : operation.form() == Form.PATH ? elsewhere(name, open) : builtIn(operation, name, open);
        tokens.leave();
        return result;
    }

    private @Nullable Expr builtIn(Operation operation, Token name, Token open) {
        @Nullable Expr operand = expression.read();
        return switch (operation.form()) {
            case WINDOW -> {
                @Nullable
                Timespan window =
                        comma(operation, "window") ? tokens.window(operation.word(), "a window such as 5s") : null;
                @Nullable Span span = close(operation, name, open);
                yield span == null ? null : calls.course(operation, operand, window, span);
            }
            case WINDOW_OR_ALL -> {
                boolean course = tokens.accept(",");
                @Nullable Timespan window = course ? tokens.window(operation.word(), "a window such as 5s") : null;
                @Nullable Span span = close(operation, name, open);
                if (span == null) {
                    yield null;
                }
                yield course ? calls.course(operation, operand, window, span) : calls.across(operation, operand, span);
            }
            case QUANTILE -> {
                @Nullable Token share = comma(operation, "share") ? share() : null;
                @Nullable
                Timespan window =
                        comma(operation, "window") ? tokens.window(operation.word(), "a window such as 5s") : null;
                @Nullable Span span = close(operation, name, open);
                yield span == null ? null : calls.quantile(operand, share, window, span);
            }
            case ONE -> {
                @Nullable Span span = close(operation, name, open);
                yield span == null ? null : one(operation, operand, span);
            }
            case PATH -> throw new IllegalStateException("a path is no operand");
        };
    }

    private @Nullable Expr one(Operation operation, @Nullable Expr operand, Span span) {
        return switch (operation) {
            case RISING, FALLING, CHANGED -> calls.instant(operation, operand, span);
            default -> calls.across(operation, operand, span);
        };
    }

    private boolean comma(Operation operation, String missing) {
        if (tokens.accept(",")) {
            return true;
        }
        if (!tokens.lost()) {
            tokens.formProblem(
                    tokens.peek(),
                    "%s takes %s, as in %s; the %s is missing"
                            .formatted(operation.word(), operation.takes(), operation.example(), missing));
        }
        return false;
    }

    private @Nullable Token share() {
        Token token = tokens.peek();
        if (token.kind() == Kind.LITERAL || token.kind() == Kind.BAD) {
            tokens.next();
            return token.kind() == Kind.BAD ? null : token;
        }
        tokens.formProblem(token, "quantile needs a share; write 95%");
        return null;
    }

    /** From the name to the closing parenthesis, or null when what is inside has a problem of form. */
    private @Nullable Span close(Operation operation, Token name, Token open) {
        String more = "%s takes %s, as in %s; nothing more belongs here"
                .formatted(operation.word(), operation.takes(), operation.example());
        @Nullable Token end = close(open, more);
        return end == null ? null : name.span().to(end.span());
    }

    /** One that was added, or one that is unknown. */
    private @Nullable Expr added(Token name, Token open) {
        List<@Nullable Expr> arguments = arguments();
        @Nullable Token end = close(open, "");
        @Nullable ExprFunction function = ExprFunctions.named(name.text());
        if (function == null || lets.contains(name.text())) {
            problems.add(name.span(), Words.unknownFunction(name.text(), lets.names()));
            return null;
        }
        return end == null ? null : calls.added(function, arguments, name.span().to(end.span()));
    }

    private List<@Nullable Expr> arguments() {
        List<@Nullable Expr> arguments = new ArrayList<>();
        if (tokens.peek().is(")")) {
            return arguments;
        }
        do {
            arguments.add(expression.read());
        } while (tokens.accept(","));
        return arguments;
    }

    /** {@code k of (...)}, where the number is read and the rest stands here. */
    @Nullable
    Expr atLeast(Token least) {
        tokens.next();
        Token open = tokens.next();
        if (!tokens.enter(open)) {
            return null;
        }
        List<@Nullable Expr> conditions = arguments();
        @Nullable Token end = close(open, "");
        tokens.leave();
        return end == null
                ? null
                : typer.atLeast(least, conditions, least.span().to(end.span()));
    }

    private @Nullable Expr elsewhere(Token name, Token open) {
        Token path = tokens.peek();
        if (path.kind() == Kind.STRING || path.kind() == Kind.BAD) {
            tokens.next();
        } else if (path.kind() != Kind.END) {
            tokens.formProblem(path, "cgroup takes a path in double quotes, as in " + Operation.CGROUP.example());
        }
        @Nullable Token end = close(open, "cgroup takes one path, as in " + Operation.CGROUP.example());
        if (!tokens.peek().is(".")) {
            if (end != null) {
                Span whole = name.span().to(end.span());
                problems.add(
                        whole,
                        "which of its signals? write " + problems.source().quote(whole) + ".usage");
            }
            return null;
        }
        tokens.next();
        Token signal = tokens.peek();
        if (signal.kind() != Kind.WORD) {
            tokens.formProblem(signal, "a signal is missing behind the dot");
            return null;
        }
        tokens.next();
        return end == null || path.kind() != Kind.STRING ? null : typer.elsewhere(path, signal, name.span());
    }

    /**
     * The parenthesis that closes the open one, or null when what is inside has a problem of form.
     *
     * @param more what is wrong when a comma stands here; "" when one may
     */
    @Nullable
    Token close(Token open, String more) {
        if (!tokens.lost() && tokens.peek().kind() == Kind.END) {
            tokens.formProblem(open, "this '(' is never closed");
            return null;
        }
        boolean whole = !tokens.lost();
        while (!tokens.peek().is(")") && tokens.peek().kind() != Kind.END) {
            whole = false;
            if (tokens.peek().is(",") && !more.isEmpty()) {
                tokens.formProblem(tokens.peek(), more);
            } else {
                tokens.unexpected();
            }
            if (!tokens.peek().is(")")) {
                tokens.next();
                tokens.found();
                expression.read();
            }
        }
        if (tokens.peek().kind() == Kind.END) {
            // Those around it are open for the same reason, and not told.
            return null;
        }
        tokens.found();
        Token end = tokens.next();
        return whole ? end : null;
    }
}
