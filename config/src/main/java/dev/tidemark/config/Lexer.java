package dev.tidemark.config;

import dev.tidemark.config.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Cuts an expression, or a single value with a unit, into tokens; the last is always {@link Kind#END}. */
final class Lexer {
    /** Bounds the depth of what is parsed from them. */
    static final int MAX_TOKENS = 500;

    private static final List<String> SYMBOLS =
            List.of("<=", ">=", "==", "!=", "<", ">", "+", "-", "*", "/", "(", ")", ",");

    private static final Map<String, String> MEANT = Map.ofEntries(
            Map.entry("&&", "write and"),
            Map.entry("||", "write or"),
            Map.entry("&", "write and"),
            Map.entry("|", "write or"),
            Map.entry("!", "write not"),
            Map.entry("=", "write == to compare"),
            Map.entry("%", "a percent sign belongs right behind its number, as in 5%"),
            Map.entry("'", "a path stands in double quotes, as in cgroup(\"a.slice\").usage"),
            Map.entry(".", "a number starts with a digit, as in 0.5"));

    private final ScalarText scalar;
    private final String text;
    private final NumberReader numbers;
    private final Problems problems;
    private final List<Token> tokens = new ArrayList<>();
    private int at;

    private Lexer(ScalarText scalar, HostMemory host, Problems problems) {
        this.scalar = scalar;
        this.text = scalar.text();
        this.numbers = new NumberReader(scalar, host, problems);
        this.problems = problems;
    }

    static List<Token> tokens(ScalarText scalar, HostMemory host, Problems problems) {
        Lexer lexer = new Lexer(scalar, host, problems);
        lexer.run();
        return List.copyOf(lexer.tokens);
    }

    private void run() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (Character.isWhitespace(c)) {
                at++;
            } else if (tokens.size() == MAX_TOKENS) {
                problems.add(scalar.span(at, at + 1), "an expression has at most " + MAX_TOKENS + " words and symbols");
                tokens.clear();
                tokens.add(token(Kind.BAD, text.length()));
                at = text.length();
            } else if (isDigit(c)) {
                Token number = numbers.read(at);
                at += number.text().length();
                tokens.add(number);
            } else if (isWordPart(c) && c != '.') {
                word();
            } else if (c == '"') {
                string();
            } else if (c == '.' && behindPath()) {
                tokens.add(token(Kind.SYMBOL, at + 1));
                at++;
            } else {
                symbol();
            }
        }
        tokens.add(token(Kind.END, text.length()));
    }

    private void word() {
        int end = at;
        while (end < text.length() && isWordPart(text.charAt(end))) {
            end++;
        }
        tokens.add(token(Kind.WORD, end));
        at = end;
    }

    /** Whether the dot here stands between {@code cgroup("path")} and a signal. */
    private boolean behindPath() {
        boolean behind = !tokens.isEmpty() && tokens.getLast().is(")");
        return behind && (at + 1 == text.length() || !isDigit(text.charAt(at + 1)));
    }

    /** Text in double quotes, in which a backslash makes the quote or backslash behind it an ordinary character. */
    private void string() {
        StringBuilder inside = new StringBuilder();
        boolean whole = true;
        int end = at + 1;
        while (end < text.length() && text.charAt(end) != '"') {
            char c = text.charAt(end);
            if (c == '\\' && end + 1 < text.length() && "\\\"".indexOf(text.charAt(end + 1)) >= 0) {
                end++;
                c = text.charAt(end);
            } else if (c == '\\') {
                problems.add(scalar.span(end, end + 1), "a backslash in quotes is written twice: \\\\");
                whole = false;
            }
            inside.append(c);
            end++;
        }
        if (end == text.length()) {
            problems.add(scalar.span(at, at + 1), "this '\"' is never closed");
            whole = false;
        } else {
            end++;
        }
        Span span = scalar.span(at, end);
        tokens.add(new Token(whole ? Kind.STRING : Kind.BAD, inside.toString(), 0, Unit.COUNT, span, at));
        at = end;
    }

    private void symbol() {
        for (String symbol : SYMBOLS) {
            if (text.startsWith(symbol, at)) {
                tokens.add(token(Kind.SYMBOL, at + symbol.length()));
                at += symbol.length();
                return;
            }
        }
        int end = at + Character.charCount(text.codePointAt(at));
        if (text.startsWith("&&", at) || text.startsWith("||", at)) {
            end = at + 2;
        }
        String unknown = text.substring(at, end);
        if (unknown.equals("'") && text.indexOf('\'', end) > 0) {
            // The whole text, so that what is in it is not taken for more mistakes.
            end = text.indexOf('\'', end) + 1;
        }
        String shown = unknown.length() == 2 && unknown.charAt(0) == unknown.charAt(1)
                ? "'" + unknown + "'"
                : Shown.character(unknown.codePointAt(0));
        String cure = MEANT.getOrDefault(unknown, "an expression is made of words, numbers, < > = ! + - * / , and ( )");
        problems.add(scalar.span(at, end), shown + " has no meaning here; " + cure);
        tokens.add(token(Kind.BAD, end));
        at = end;
    }

    private Token token(Kind kind, int end) {
        return new Token(kind, text.substring(at, end), 0, Unit.COUNT, scalar.span(at, end), at);
    }

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /** Signals have dotted names. */
    static boolean isWordPart(char c) {
        return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
    }
}
