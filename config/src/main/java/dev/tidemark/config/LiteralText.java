package dev.tidemark.config;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The exact text of constants: reading it back gives the same double, or the same duration. */
final class LiteralText {
    /** More than the 17 digits that tell two doubles apart. */
    static final MathContext PRECISION = new MathContext(40);

    private LiteralText() {}

    static String of(double value, Unit unit) {
        return switch (unit) {
            case BYTES -> shortest(value, UnitSymbol.SIZES);
            case BYTE_RATE -> shortest(value, UnitSymbol.SIZES) + "/s";
            case DURATION -> shortest(value, UnitSymbol.TIMES);
            case RATIO -> plain(BigDecimal.valueOf(value).movePointRight(2)) + "%";
            case RATE -> plain(BigDecimal.valueOf(value)) + "/s";
            case COUNT -> plain(BigDecimal.valueOf(value));
            case TRUTH -> throw new IllegalArgumentException("there is no literal of " + unit.description());
        };
    }

    static String of(Duration duration) {
        BigDecimal seconds = BigDecimal.valueOf(duration.getNano(), 9).add(BigDecimal.valueOf(duration.getSeconds()));
        if (duration.isZero()) {
            return "0s";
        }
        for (UnitSymbol symbol : UnitSymbol.TIMES.reversed()) {
            if (seconds.remainder(symbol.scale()).signum() == 0) {
                return plain(seconds.divide(symbol.scale(), PRECISION)) + symbol.text();
            }
        }
        throw new IllegalArgumentException("finer than a nanosecond: " + duration);
    }

    /** Whole numbers before fractions, then the shorter, then the larger unit. */
    private static String shortest(double value, List<UnitSymbol> symbols) {
        BigDecimal exact = BigDecimal.valueOf(value);
        @Nullable String best = null;
        for (UnitSymbol symbol : symbols.reversed()) {
            BigDecimal number = exact.divide(symbol.scale(), PRECISION);
            if (number.multiply(symbol.scale()).doubleValue() != value) {
                continue;
            }
            String text = plain(number) + symbol.text();
            if (best == null || rank(text) < rank(best)) {
                best = text;
            }
        }
        if (best == null) {
            throw new AssertionError("the base unit always gives " + value + " back");
        }
        return best;
    }

    private static int rank(String text) {
        return (text.contains(".") ? 1000 : 0) + text.length();
    }

    private static String plain(BigDecimal number) {
        return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
    }
}
