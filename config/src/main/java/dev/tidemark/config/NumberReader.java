package dev.tidemark.config;

import dev.tidemark.config.Token.Kind;
import java.math.BigDecimal;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads literals: a number with its unit, and what it is per. */
final class NumberReader {
    /** Values from 2^63 do not fit the kernel's counters. */
    private static final BigDecimal MAX_VALUE = BigDecimal.valueOf(Long.MAX_VALUE);

    private static final BigDecimal MIN_VALUE = new BigDecimal("1e-12");
    private static final int MAX_DIGITS = 60;

    private static final Map<String, String> MEANT = Map.ofEntries(
            Map.entry("k", "KiB"),
            Map.entry("kB", "KiB"),
            Map.entry("KB", "KiB"),
            Map.entry("MB", "MiB"),
            Map.entry("GB", "GiB"),
            Map.entry("TB", "TiB"),
            Map.entry("Ki", "KiB"),
            Map.entry("Mi", "MiB"),
            Map.entry("Gi", "GiB"),
            Map.entry("Ti", "TiB"),
            Map.entry("g", "GiB"),
            Map.entry("t", "TiB"),
            Map.entry("sec", "s"),
            Map.entry("second", "s"),
            Map.entry("seconds", "s"),
            Map.entry("min", "m"),
            Map.entry("minute", "m"),
            Map.entry("minutes", "m"),
            Map.entry("hour", "h"),
            Map.entry("hours", "h"),
            Map.entry("percent", "%"));

    private final ScalarText scalar;
    private final String text;
    private final HostMemory host;
    private final Problems problems;

    NumberReader(ScalarText scalar, HostMemory host, Problems problems) {
        this(scalar, scalar.text(), host, problems);
    }

    /** @param text the scalar's text, or a beginning of it: a literal ends there */
    NumberReader(ScalarText scalar, String text, HostMemory host, Problems problems) {
        this.scalar = scalar;
        this.text = text;
        this.host = host;
        this.problems = problems;
    }

    /** The literal that starts at {@code from} with a digit; {@link Kind#BAD} when there is a problem with it. */
    Token read(int from) {
        int numberEnd = digits(from);
        if (numberEnd + 1 < text.length()
                && text.charAt(numberEnd) == '.'
                && Lexer.isDigit(text.charAt(numberEnd + 1))) {
            numberEnd = digits(numberEnd + 1);
        }
        int symbolEnd = symbolEnd(numberEnd);
        String suffix = text.substring(numberEnd, symbolEnd);
        @Nullable UnitSymbol symbol = suffix.isEmpty() ? UnitSymbol.NONE : UnitSymbol.named(suffix, host);
        int end = symbolEnd;
        @Nullable UnitSymbol per = null;
        if (symbolEnd + 1 < text.length() && text.charAt(symbolEnd) == '/') {
            int perEnd = symbolEnd(symbolEnd + 1);
            String time = text.substring(symbolEnd + 1, perEnd);
            per = UnitSymbol.time(time);
            if (per != null) {
                end = perEnd;
            } else if (MEANT.containsKey(time)) {
                problems.add(scalar.span(symbolEnd + 1, perEnd), unknownUnit(time));
                return bad(from, perEnd);
            }
        }
        if (symbol == null) {
            problems.add(scalar.span(numberEnd, symbolEnd), unknownUnit(suffix));
            return bad(from, end);
        }
        @Nullable Unit unit = per == null ? symbol.unit() : perTime(symbol.unit());
        if (unit == null) {
            problems.add(
                    scalar.span(from, end), "a share has no rate; write the share alone, or a count or size per time");
            return bad(from, end);
        }
        return literal(from, numberEnd, end, symbol, per, unit);
    }

    private Token literal(int from, int numberEnd, int end, UnitSymbol symbol, @Nullable UnitSymbol per, Unit unit) {
        if (numberEnd - from > MAX_DIGITS) {
            problems.add(scalar.span(from, numberEnd), "a number has at most " + MAX_DIGITS + " digits");
            return bad(from, end);
        }
        BigDecimal value = new BigDecimal(text.substring(from, numberEnd)).multiply(symbol.scale());
        if (per != null) {
            value = value.divide(per.scale(), LiteralText.PRECISION);
        }
        if (value.compareTo(MAX_VALUE) > 0) {
            problems.add(scalar.span(from, end), "too large; values stay below 2^63");
            return bad(from, end);
        }
        if (value.signum() != 0 && value.compareTo(MIN_VALUE) < 0) {
            problems.add(scalar.span(from, end), "too small; write 0, or at least " + LiteralText.of(1e-12, unit));
            return bad(from, end);
        }
        String written = text.substring(from, end);
        return new Token(Kind.LITERAL, written, value.doubleValue(), unit, scalar.span(from, end), from);
    }

    private static @Nullable Unit perTime(Unit unit) {
        return switch (unit) {
            case COUNT -> Unit.RATE;
            case BYTES -> Unit.BYTE_RATE;
            case DURATION -> Unit.RATIO;
            case RATIO, BYTE_RATE, RATE, TRUTH -> null;
        };
    }

    private static String unknownUnit(String suffix) {
        @Nullable String meant = MEANT.get(suffix);
        String unknown = "unknown unit " + Shown.quoted(suffix);
        return meant != null
                ? unknown + "; did you mean \"" + meant + "\"?"
                : unknown + Nearest.hint(suffix, "units", UnitSymbol.texts());
    }

    private int digits(int from) {
        int end = from;
        while (end < text.length() && Lexer.isDigit(text.charAt(end))) {
            end++;
        }
        return end;
    }

    private int symbolEnd(int from) {
        if (from < text.length() && text.charAt(from) == '%') {
            return from + 1;
        }
        int end = from;
        while (end < text.length() && (Lexer.isWordPart(text.charAt(end)) || text.charAt(end) == '\u00B5')) {
            end++;
        }
        return end;
    }

    private Token bad(int from, int end) {
        return new Token(Kind.BAD, text.substring(from, end), 0, Unit.COUNT, scalar.span(from, end), from);
    }
}
