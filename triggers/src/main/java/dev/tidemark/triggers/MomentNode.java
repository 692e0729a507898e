package dev.tidemark.triggers;

/** What becomes of a value's changes from one look to the next; what is unknown in between is passed over. */
sealed interface MomentNode extends Node {

    /**
     * True at the instant at which a truth changes.
     *
     * @param at offset in {@code longs}: the instant of the last change, the last known truth
     */
    record Edge(boolean rising, Node condition, int at) implements MomentNode {
        static final int LONGS = 2;

        @Override
        public double step(Evaluation e) {
            double truth = condition.step(e);
            if (Double.isNaN(truth)) {
                return UNKNOWN;
            }
            long known = (long) truth;
            if (known != e.longs[at + 1]) {
                if (e.longs[at + 1] != Evaluation.NONE && rising == (known == 1)) {
                    e.longs[at] = e.now;
                }
                e.longs[at + 1] = known;
            }
            return atInstant(e, e.longs[at]);
        }

        @Override
        public double peek(Evaluation e) {
            double truth = condition.peek(e);
            if (Double.isNaN(truth)) {
                return UNKNOWN;
            }
            boolean will = rising && truth == TRUE && e.longs[at + 1] == 0;
            return Node.truth(will || e.longs[at] == e.now);
        }
    }

    /**
     * True at the instant at which a value is another than before.
     *
     * @param longs offset of the instant of the last change
     * @param doubles offset of the last known value
     */
    record Changed(Node operand, int longs, int doubles) implements MomentNode {
        static final int LONGS = 1;
        static final int DOUBLES = 1;

        @Override
        public double step(Evaluation e) {
            double value = operand.step(e);
            if (Double.isNaN(value)) {
                return UNKNOWN;
            }
            double before = e.doubles[doubles];
            if (value != before) {
                e.doubles[doubles] = value;
                if (!Double.isNaN(before)) {
                    e.longs[longs] = e.now;
                }
            }
            return atInstant(e, e.longs[longs]);
        }

        @Override
        public double peek(Evaluation e) {
            return Double.isNaN(operand.peek(e)) ? UNKNOWN : Node.truth(e.longs[longs] == e.now);
        }
    }

    /**
     * How often a truth became true within the time that ends now. It falls at the exact instant at which one of these instants is
     * that long ago. Instants closer together than {@code spacing} count as one that happened several times, which bounds memory.
     *
     * @param longs offset: whether it was true at the last step, the sum, first kept instant, number kept, then the kept instants
     *     and how many each stands for
     */
    record Onsets(Node condition, long over, long spacing, int longs) implements MomentNode {
        static final int SPACINGS = 64;
        static final int LONGS = 4 + 2 * (SPACINGS + 2);

        private static final int HELD = 0;
        private static final int SUM = 1;
        private static final int FIRST = 2;
        private static final int COUNT = 3;
        private static final int INSTANTS = 4;
        private static final int CAPACITY = SPACINGS + 2;

        Onsets(Node condition, long over, int longs) {
            this(condition, over, Math.ceilDiv(over, SPACINGS), longs);
        }

        @Override
        public double step(Evaluation e) {
            double truth = condition.step(e);
            boolean held = e.longs[longs + HELD] == 1;
            e.longs[longs + HELD] = truth == TRUE ? 1 : 0;
            if (e.longs[longs + COUNT] == Evaluation.NONE) {
                e.longs[longs + COUNT] = 0;
                e.longs[longs + SUM] = 0;
                e.longs[longs + FIRST] = 0;
            }
            forget(e);
            if (truth == TRUE && !held) {
                add(e);
            }
            if (e.longs[longs + COUNT] > 0) {
                e.mayChangeAt(Evaluation.after(e.longs[instant(e, 0)], over));
            }
            return Double.isNaN(truth) ? UNKNOWN : (double) e.longs[longs + SUM];
        }

        private void forget(Evaluation e) {
            while (e.longs[longs + COUNT] > 0 && e.now >= Evaluation.after(e.longs[instant(e, 0)], over)) {
                e.longs[longs + SUM] -= e.longs[instant(e, 0) + 1];
                e.longs[longs + FIRST] = (e.longs[longs + FIRST] + 1) % CAPACITY;
                e.longs[longs + COUNT]--;
            }
        }

        // There is room: those kept are spacing apart and, after forget(), all younger than the window.
        private void add(Evaluation e) {
            e.longs[longs + SUM]++;
            long count = e.longs[longs + COUNT];
            if (count > 0 && e.now - e.longs[instant(e, count - 1)] < spacing) {
                e.longs[instant(e, count - 1) + 1]++;
                return;
            }
            int at = instant(e, count);
            e.longs[at] = e.now;
            e.longs[at + 1] = 1;
            e.longs[longs + COUNT]++;
        }

        private int instant(Evaluation e, long i) {
            return longs + INSTANTS + 2 * (int) ((e.longs[longs + FIRST] + i) % CAPACITY);
        }

        @Override
        public double peek(Evaluation e) {
            return Double.isNaN(condition.peek(e)) ? UNKNOWN : (double) e.longs[longs + SUM];
        }
    }

    /**
     * How often a truth became true within the running one of the windows that follow each other from the first instant at which it
     * was known. At a window's exact end the count begins anew.
     *
     * @param at offset in {@code longs}: whether it was true at the last step, when the first window began, the number of the
     *     running one, the count in it
     */
    record TumblingOnsets(Node condition, long over, int at) implements MomentNode {
        static final int LONGS = 4;

        private static final int HELD = 0;
        private static final int START = 1;
        private static final int WINDOW = 2;
        private static final int COUNT = 3;

        @Override
        public double step(Evaluation e) {
            double truth = condition.step(e);
            boolean held = e.longs[at + HELD] == 1;
            e.longs[at + HELD] = truth == TRUE ? 1 : 0;
            if (e.longs[at + START] == Evaluation.NONE) {
                if (Double.isNaN(truth)) {
                    return UNKNOWN;
                }
                e.longs[at + START] = e.now;
            }
            long window = (e.now - e.longs[at + START]) / over;
            if (window != e.longs[at + WINDOW]) {
                e.longs[at + WINDOW] = window;
                e.longs[at + COUNT] = 0;
            }
            if (truth == TRUE && !held) {
                e.longs[at + COUNT]++;
            }
            if (e.longs[at + COUNT] > 0) {
                e.mayChangeAt(Evaluation.after(e.longs[at + START] + window * over, over));
            }
            return Double.isNaN(truth) ? UNKNOWN : (double) e.longs[at + COUNT];
        }

        @Override
        public double peek(Evaluation e) {
            return Double.isNaN(condition.peek(e)) ? UNKNOWN : (double) e.longs[at + COUNT];
        }
    }

    /** True if the instant is this one, and then false from the next on. */
    private static double atInstant(Evaluation e, long instant) {
        if (instant != e.now) {
            return FALSE;
        }
        e.mayChangeAt(e.now + 1);
        return TRUE;
    }
}
