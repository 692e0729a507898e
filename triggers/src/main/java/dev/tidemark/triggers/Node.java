package dev.tidemark.triggers;

import dev.tidemark.config.Expr.Operator;
import dev.tidemark.config.Expr.Relation;
import dev.tidemark.config.Expr.Window;

/**
 * A part of a compiled expression. Immutable and shared by all cgroups; what it must remember of one is in the {@link
 * Evaluation} at the offsets it was compiled with.
 *
 * <p>Truth is 1, 0 or NaN for unknown, after Kleene: what would be the same whichever the unknown turned out to be is
 * known. Both sides of {@code and} and {@code or} are always stepped, because each may hold time.
 *
 * <p>A new operator is one more record here: it asks {@link Program.Compiler} for its state, steps, and tells when it may
 * change by itself.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and a step must not go through boxed lists
interface Node {

    double TRUE = 1;
    double FALSE = 0;
    double UNKNOWN = Double.NaN;

    double NANOS_PER_SECOND = 1e9;

    /** The value now, given what has been observed since the last step. */
    double step(Evaluation e);

    /**
     * The value at the last step if every {@code for} that is counting were over. Changes nothing; only after {@link
     * #step} at the same instant.
     */
    double peek(Evaluation e);

    record Constant(double value) implements Node {
        @Override
        public double step(Evaluation e) {
            return value;
        }

        @Override
        public double peek(Evaluation e) {
            return value;
        }
    }

    record Read(int slot) implements Node {
        @Override
        public double step(Evaluation e) {
            return e.value(slot);
        }

        @Override
        public double peek(Evaluation e) {
            return e.value(slot);
        }
    }

    record Minus(Node operand) implements Node {
        @Override
        public double step(Evaluation e) {
            return -operand.step(e);
        }

        @Override
        public double peek(Evaluation e) {
            return -operand.peek(e);
        }
    }

    /** IEEE arithmetic: x / 0 is infinite, 0 / 0 and infinite - infinite are unknown. */
    record Calculate(Operator operator, Node left, Node right) implements Node {
        @Override
        public double step(Evaluation e) {
            return apply(left.step(e), right.step(e));
        }

        @Override
        public double peek(Evaluation e) {
            return apply(left.peek(e), right.peek(e));
        }

        private double apply(double a, double b) {
            return switch (operator) {
                case ADD -> a + b;
                case SUBTRACT -> a - b;
                case MULTIPLY -> a * b;
                case DIVIDE -> a / b;
            };
        }
    }

    record Compare(Relation relation, Node left, Node right) implements Node {
        @Override
        public double step(Evaluation e) {
            return apply(left.step(e), right.step(e));
        }

        @Override
        public double peek(Evaluation e) {
            return apply(left.peek(e), right.peek(e));
        }

        private double apply(double a, double b) {
            if (Double.isNaN(a) || Double.isNaN(b)) {
                return UNKNOWN;
            }
            boolean holds = switch (relation) {
                case LESS -> a < b;
                case LESS_OR_EQUAL -> a <= b;
                case GREATER -> a > b;
                case GREATER_OR_EQUAL -> a >= b;
                case EQUAL -> a == b;
                case NOT_EQUAL -> a != b;
            };
            return holds ? TRUE : FALSE;
        }
    }

    record Inverse(Node operand) implements Node {
        @Override
        public double step(Evaluation e) {
            return TRUE - operand.step(e);
        }

        @Override
        public double peek(Evaluation e) {
            return TRUE - operand.peek(e);
        }
    }

    record Both(Node left, Node right) implements Node {
        @Override
        public double step(Evaluation e) {
            return apply(left.step(e), right.step(e));
        }

        @Override
        public double peek(Evaluation e) {
            return apply(left.peek(e), right.peek(e));
        }

        private static double apply(double a, double b) {
            // A NaN product is wrong only where the other side is FALSE, and then that decides.
            return a == FALSE || b == FALSE ? FALSE : a * b;
        }
    }

    record Either(Node left, Node right) implements Node {
        @Override
        public double step(Evaluation e) {
            return apply(left.step(e), right.step(e));
        }

        @Override
        public double peek(Evaluation e) {
            return apply(left.peek(e), right.peek(e));
        }

        private static double apply(double a, double b) {
            return a == TRUE || b == TRUE ? TRUE : a + b;
        }
    }

    /**
     * True from exactly {@code duration} after the condition began to hold, while it does. Counting restarts when the
     * condition was not looked at for as long as values take to go stale: time that nobody watched does not count.
     *
     * @param at offset in {@code longs}: since when the condition holds, when it was last looked at
     */
    record Sustained(Node condition, long duration, int at) implements Node {
        static final int LONGS = 2;

        @Override
        public double step(Evaluation e) {
            double truth = condition.step(e);
            if (truth != TRUE) {
                e.longs[at] = Evaluation.NONE;
                return truth;
            }
            if (e.longs[at] == Evaluation.NONE || e.now - e.longs[at + 1] >= e.staleAfter) {
                e.longs[at] = e.now;
            }
            e.longs[at + 1] = e.now;
            long due = Evaluation.after(e.longs[at], duration);
            if (e.now >= due) {
                return TRUE;
            }
            e.mayChangeAt(due);
            return FALSE;
        }

        @Override
        public double peek(Evaluation e) {
            return condition.peek(e);
        }
    }

    /**
     * True while the condition holds and until exactly {@code duration} after it was last seen to. A condition that does
     * not depend on a timer is last seen true at the last sample of its own signals that made it so: samples of other
     * signals, and timers, do not move that instant.
     *
     * @param slots the signals of the condition
     * @param at offset in {@code longs}: when the condition was last true, whether it was at the last step
     */
    record Kept(Node condition, long duration, int[] slots, int at) implements Node {
        static final int LONGS = 2;

        @Override
        public double step(Evaluation e) {
            double truth = condition.step(e);
            if (truth == TRUE) {
                boolean before = e.longs[at + 1] == 1;
                e.longs[at] = before ? Math.max(e.longs[at], e.newest(slots)) : e.now;
                e.longs[at + 1] = 1;
                return TRUE;
            }
            e.longs[at + 1] = 0;
            return afterwards(e, truth);
        }

        private double afterwards(Evaluation e, double truth) {
            if (e.longs[at] == Evaluation.NONE) {
                return truth;
            }
            long until = Evaluation.after(e.longs[at], duration);
            if (e.now >= until) {
                e.longs[at] = Evaluation.NONE;
                return truth;
            }
            e.mayChangeAt(until);
            return TRUE;
        }

        @Override
        public double peek(Evaluation e) {
            double truth = condition.peek(e);
            return truth == TRUE || e.longs[at] != Evaluation.NONE ? TRUE : truth;
        }
    }

    /**
     * A value's course over a window that ends at its latest sample.
     *
     * <p>Of points closer together than {@code spacing} only some are kept, so that memory is bounded however often the
     * value is sampled: any two that follow each other are either neighbours in truth or closer than that. The latest is
     * always known exactly. The value at the window's start is interpolated between the points around it. With less than a
     * window of points the result is that of the time they span; with less than two it is unknown. A gap as long as values
     * take to go stale forgets everything before it.
     *
     * <p>What is kept of a point depends on the kind: of a gauge its level; of a counter the sum of its increases since
     * the first point, in which a fall (a reset) is no change; of a mean the integral since the first point.
     *
     * @param slots the signals of the operand: a point is made when any was observed since the last
     * @param longs offset in {@code longs}: first kept point, number kept, time of the latest, then their times
     * @param doubles offset in {@code doubles}: latest kept value, latest raw value, result, then their values
     */
    record Course(
            Window window,
            Node operand,
            long over,
            boolean counter,
            long spacing,
            int capacity,
            int[] slots,
            int longs,
            int doubles)
            implements Node {
        static final int LONGS = 3;
        static final int DOUBLES = 3;

        /** Points to have room for when a window is {@code spacings} long: two each, and what is at the ends. */
        static int capacity(int spacings) {
            return 2 * spacings + 5;
        }

        private static final int FIRST = 0;
        private static final int COUNT = 1;
        private static final int LATEST = 2;

        private static final int VALUE = 0;
        private static final int RAW = 1;
        private static final int RESULT = 2;

        @Override
        public double step(Evaluation e) {
            double raw = operand.step(e);
            if (Double.isNaN(raw) || Double.isInfinite(raw)) {
                return UNKNOWN;
            }
            long time = e.newest(slots);
            if (time > e.longs[longs + LATEST]) {
                add(e, time, raw);
            }
            return e.doubles[doubles + RESULT];
        }

        @Override
        public double peek(Evaluation e) {
            double raw = operand.peek(e);
            return Double.isNaN(raw) || Double.isInfinite(raw) ? UNKNOWN : e.doubles[doubles + RESULT];
        }

        private void add(Evaluation e, long time, double raw) {
            long latest = e.longs[longs + LATEST];
            if (latest == Evaluation.NONE || time - latest >= e.staleAfter) {
                restart(e, time, raw);
                return;
            }
            double before = e.doubles[doubles + RAW];
            double value = e.doubles[doubles + VALUE];
            long kept = keptTime(e, e.longs[longs + COUNT] - 1);
            if (time - kept >= spacing && latest > kept) {
                keep(e, latest, value);
            }
            if (window == Window.MEAN) {
                value += (before + raw) / 2 * ((time - latest) / NANOS_PER_SECOND);
            } else if (counter) {
                value += Math.max(0, raw - before);
            } else {
                value = raw;
            }
            e.longs[longs + LATEST] = time;
            e.doubles[doubles + VALUE] = value;
            e.doubles[doubles + RAW] = raw;
            forget(e, time - over);
            e.doubles[doubles + RESULT] = result(e, time, value);
        }

        private void restart(Evaluation e, long time, double raw) {
            double value = counter || window == Window.MEAN ? 0 : raw;
            e.longs[longs + FIRST] = 0;
            e.longs[longs + COUNT] = 0;
            e.longs[longs + LATEST] = time;
            e.doubles[doubles + VALUE] = value;
            e.doubles[doubles + RAW] = raw;
            e.doubles[doubles + RESULT] = UNKNOWN;
            keep(e, time, value);
        }

        /** Lets go of the points before the last one that is not after {@code start}. */
        private void forget(Evaluation e, long start) {
            while (e.longs[longs + COUNT] > 1 && keptTime(e, 1) <= start) {
                e.longs[longs + FIRST] = (e.longs[longs + FIRST] + 1) % capacity;
                e.longs[longs + COUNT]--;
            }
        }

        // There is room, by Course.capacity: a point is kept when one comes that is spacing after the kept one before
        // it, so
        // of three that follow each other the outer two are spacing apart. After forget() all but one are in the
        // window.
        private void keep(Evaluation e, long time, double value) {
            int at = index(e, e.longs[longs + COUNT]++);
            e.longs[longs + LONGS + at] = time;
            e.doubles[doubles + DOUBLES + at] = value;
        }

        private double result(Evaluation e, long time, double value) {
            long start = time - over;
            long from = keptTime(e, 0);
            double at = keptValue(e, 0);
            if (from < start) {
                boolean latest = e.longs[longs + COUNT] == 1;
                long next = latest ? time : keptTime(e, 1);
                double nextValue = latest ? value : keptValue(e, 1);
                at += (nextValue - at) * ((double) (start - from) / (next - from));
                from = start;
            }
            double change = value - at;
            return window == Window.DELTA ? change : change / ((time - from) / NANOS_PER_SECOND);
        }

        private long keptTime(Evaluation e, long i) {
            return e.longs[longs + LONGS + index(e, i)];
        }

        private double keptValue(Evaluation e, long i) {
            return e.doubles[doubles + DOUBLES + index(e, i)];
        }

        private int index(Evaluation e, long i) {
            return (int) ((e.longs[longs + FIRST] + i) % capacity);
        }
    }
}
