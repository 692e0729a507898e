package dev.tidemark.config;

import static dev.tidemark.config.Unit.BYTES;
import static dev.tidemark.config.Unit.BYTE_RATE;
import static dev.tidemark.config.Unit.COUNT;
import static dev.tidemark.config.Unit.DURATION;
import static dev.tidemark.config.Unit.RATE;
import static dev.tidemark.config.Unit.RATIO;
import static dev.tidemark.config.Unit.TRUTH;

import org.jspecify.annotations.Nullable;

/** The table of how units combine; null where they do not. */
final class Units {
    private Units() {}

    static @Nullable Unit of(Expr.Operator operator, Unit left, Unit right) {
        if (left == TRUTH || right == TRUTH) {
            return null;
        }
        return switch (operator) {
            case ADD, SUBTRACT -> left == right ? left : null;
            case MULTIPLY -> {
                @Nullable Unit product = product(left, right);
                yield product != null ? product : product(right, left);
            }
            case DIVIDE -> quotient(left, right);
        };
    }

    private static @Nullable Unit product(Unit left, Unit right) {
        return switch (left) {
            case RATIO -> right;
            case COUNT -> right == RATIO ? COUNT : right;
            case RATE -> right == DURATION ? COUNT : null;
            case BYTE_RATE -> right == DURATION ? BYTES : null;
            case BYTES, DURATION, TRUTH -> null;
        };
    }

    private static @Nullable Unit quotient(Unit left, Unit right) {
        if (left == right) {
            return RATIO;
        }
        return switch (right) {
            case COUNT, RATIO -> left;
            case DURATION -> perSecond(left);
            case RATE -> left == COUNT ? DURATION : null;
            case BYTE_RATE -> left == BYTES ? DURATION : null;
            case BYTES, TRUTH -> null;
        };
    }

    /** What a change per second of such a value is. */
    static @Nullable Unit perSecond(Unit unit) {
        return switch (unit) {
            case BYTES -> BYTE_RATE;
            case COUNT -> RATE;
            case DURATION -> RATIO;
            case RATIO, BYTE_RATE, RATE, TRUTH -> null;
        };
    }

    /** How a number of such a unit is written, for a bare number. */
    static String example(String number, Unit unit) {
        return switch (unit) {
            case BYTES -> number + "MiB or " + number + "B";
            case RATIO -> number + "%";
            case DURATION -> number + "ms or " + number + "s";
            case BYTE_RATE -> number + "MiB/s";
            case RATE -> number + "/s";
            case COUNT, TRUTH -> number;
        };
    }
}
