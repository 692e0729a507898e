package dev.tidemark.config;

import java.math.BigDecimal;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Values of one signal at even steps from the start of a policy test, in Prometheus's notation for unit tests of rules: {@code
 * 4MiB+1MiBx3} is {@code 4MiB 5MiB 6MiB 7MiB}, {@code 0x3} is {@code 0 0 0 0}, {@code _} and {@code _x3} are one and three samples
 * that cannot be read, and after {@code stale} none can be read any more. After its last item a series stays as it is.
 *
 * <p>Immutable.
 *
 * @param unit of all values
 * @param items at least one; {@link Item.Stale} only as the last
 */
public record Series(Unit unit, List<Item> items) {
    /** More values than a test of a day has that looks each 100 ms. */
    static final int MAX_VALUES = 1_000_000;

    /** A part of the notation. */
    public sealed interface Item {
        /** How many values it stands for, at least 1. */
        int count();

        /**
         * A value and some that follow it, each {@code step} more than the one before.
         *
         * @param start in the unit's base; positive infinity for {@code max}
         * @param step in the unit's base, may be negative
         * @param further how many follow the first, at least 0
         */
        record Run(double start, double step, int further) implements Item {
            @Override
            public int count() {
                return further + 1;
            }

            /** The value at a place in the run: exact in decimals, so that 5% and three times 1% are 8%. */
            double at(int place) {
                if (Double.isInfinite(start) || step == 0) {
                    return start;
                }
                return BigDecimal.valueOf(step)
                        .multiply(BigDecimal.valueOf(place))
                        .add(BigDecimal.valueOf(start))
                        .doubleValue();
            }
        }

        /** Samples that cannot be read. */
        record Missing(int count) implements Item {}

        /** Nothing can be read any more. */
        record Stale() implements Item {
            @Override
            public int count() {
                return 1;
            }
        }
    }

    public Series {
        items = List.copyOf(items);
        if (items.isEmpty()) {
            throw new IllegalArgumentException("a series has at least one item");
        }
    }

    /** One value that stays. */
    public static Series constant(Unit unit, double value) {
        return new Series(unit, List.of(new Item.Run(value, 0, 0)));
    }

    /** How many values are written. */
    public int length() {
        return items.stream().mapToInt(Item::count).sum();
    }

    /**
     * The value at a step from 0 on, in the unit's base; NaN where it cannot be read. Takes time linear in the number of items.
     */
    public double at(long step) {
        long before = 0;
        for (Item item : items) {
            if (step < before + item.count()) {
                return value(item, (int) (step - before));
            }
            before += item.count();
        }
        Item last = items.getLast();
        return value(last, last.count() - 1);
    }

    private static double value(Item item, int place) {
        return item instanceof Item.Run run ? run.at(place) : Double.NaN;
    }

    /** The notation; reading it again gives an equal series. */
    @Override
    public String toString() {
        return items.stream().map(this::text).collect(Collectors.joining(" "));
    }

    private String text(Item item) {
        return switch (item) {
            case Item.Run(double start, double step, int further) -> {
                String value =
                        start == 0 ? "0" : start == Double.POSITIVE_INFINITY ? "max" : LiteralText.of(start, unit);
                String sign = step < 0 ? "-" : "+";
                String by = step == 0 ? "" : sign + LiteralText.of(Math.abs(step), unit);
                yield value + by + (further == 0 && step == 0 ? "" : "x" + further);
            }
            case Item.Missing(int count) -> count == 1 ? "_" : "_x" + count;
            case Item.Stale() -> "stale";
        };
    }
}
