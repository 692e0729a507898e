package dev.tidemark.triggers;

import dev.tidemark.config.Expr.Window;

/**
 * What is made of a value's course over a window that ends at its latest sample. Unknown while the value is. A gap as long as
 * values take to go stale forgets everything before it.
 */
sealed interface WindowNode extends Node permits ChangeNode, SampleNode, TumblingNode {

    Operand operand();

    /** Offset in {@code doubles} of what the latest sample made. */
    int result();

    /** When the latest sample was that counts. */
    long latest(Evaluation e);

    /** Takes in a sample and leaves the result; {@code fresh} when what was before is to be forgotten. */
    void add(Evaluation e, long time, double raw, boolean fresh);

    /** Whether the window can do with such a value. */
    default boolean takes(double raw) {
        return Double.isFinite(raw);
    }

    @Override
    default double step(Evaluation e) {
        Operand operand = operand();
        double raw = operand.step(e);
        if (!takes(raw)) {
            return UNKNOWN;
        }
        long time = operand.newest(e);
        long latest = latest(e);
        if (time > latest) {
            add(e, time, raw, latest == Evaluation.NONE || time - latest >= operand.gap(e));
        }
        return e.doubles[result()];
    }

    @Override
    default double peek(Evaluation e) {
        return takes(operand().peek(e)) ? e.doubles[result()] : UNKNOWN;
    }

    /**
     * What a value's course is summed up to, so that the difference of two sums tells what was between them: of a gauge its level;
     * of a counter its increases, in which a fall (a reset) is no change; of a mean the integral.
     */
    enum Sum {
        LEVEL,
        INCREASE,
        INTEGRAL;

        static Sum of(Window window, boolean counter) {
            return window == Window.MEAN ? INTEGRAL : counter ? INCREASE : LEVEL;
        }

        /** Of the first sample. */
        double first(double raw) {
            return this == LEVEL ? raw : 0;
        }

        /** Of a sample, from the one before. */
        double next(double sum, double before, double raw, long elapsed) {
            return switch (this) {
                case LEVEL -> raw;
                case INCREASE -> sum + Math.max(0, raw - before);
                case INTEGRAL -> sum + (before + raw) / 2 * (elapsed / NANOS_PER_SECOND);
            };
        }

        /** What lies between two sums; rounding makes no counter fall. */
        double between(double from, double to) {
            return this == INCREASE ? Math.max(0, to - from) : to - from;
        }
    }
}
