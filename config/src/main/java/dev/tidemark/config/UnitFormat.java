package dev.tidemark.config;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;

/** Values as people read them; {@link LiteralText} has the exact form. */
final class UnitFormat {
    private static final MathContext FOUR_DIGITS = new MathContext(4);

    private UnitFormat() {}

    static String format(Unit unit, double value) {
        if (Double.isNaN(value)) {
            return "unknown";
        }
        if (unit == Unit.TRUTH) {
            return value != 0 ? "true" : "false";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "max" : "-max";
        }
        String sign = value < 0 ? "-" : "";
        BigDecimal magnitude = new BigDecimal(Math.abs(value));
        return sign
                + switch (unit) {
                    case BYTES -> scaled(magnitude, UnitSymbol.SIZES);
                    case BYTE_RATE -> scaled(magnitude, UnitSymbol.SIZES) + "/s";
                    case DURATION -> duration(magnitude);
                    case RATIO -> rounded(magnitude.movePointRight(2)) + "%";
                    case RATE -> rounded(magnitude) + "/s";
                    case COUNT, TRUTH -> rounded(magnitude);
                };
    }

    /** Minutes and hours only where they are whole: 90s reads better than 1.5m. */
    private static String duration(BigDecimal seconds) {
        List<UnitSymbol> times = UnitSymbol.TIMES;
        for (UnitSymbol symbol : times.subList(4, 6).reversed()) {
            if (seconds.signum() > 0 && seconds.remainder(symbol.scale()).signum() == 0) {
                return rounded(seconds.divide(symbol.scale(), MathContext.DECIMAL64)) + symbol.text();
            }
        }
        return seconds.signum() == 0 ? "0s" : scaled(seconds, times.subList(0, 4));
    }

    /** In the largest unit that leaves at least 1 after rounding, so never 1024KiB. */
    private static String scaled(BigDecimal value, List<UnitSymbol> symbols) {
        for (UnitSymbol symbol : symbols.reversed()) {
            BigDecimal shown =
                    value.divide(symbol.scale(), MathContext.DECIMAL64).round(FOUR_DIGITS);
            if (shown.compareTo(BigDecimal.ONE) >= 0) {
                return rounded(value.divide(symbol.scale(), MathContext.DECIMAL64)) + symbol.text();
            }
        }
        UnitSymbol smallest = symbols.getFirst();
        return rounded(value.divide(smallest.scale(), MathContext.DECIMAL64)) + smallest.text();
    }

    private static String rounded(BigDecimal value) {
        if (value.stripTrailingZeros().scale() <= 0) {
            return value.stripTrailingZeros().toPlainString();
        }
        // A long fraction keeps its whole digits: 123456.7 is 123457, not 123500.
        int whole = Math.max(0, value.precision() - value.scale());
        BigDecimal shown = value.round(new MathContext(Math.max(whole, FOUR_DIGITS.getPrecision())));
        return shown.signum() == 0 ? "0" : shown.stripTrailingZeros().toPlainString();
    }
}
