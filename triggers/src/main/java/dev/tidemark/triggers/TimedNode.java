package dev.tidemark.triggers;

/** Truths that time alone may change. */
sealed interface TimedNode extends Node {

    /**
     * True from exactly {@code duration} after the condition began to hold, while it does. Counting restarts when the
     * condition was not looked at for as long as values take to go stale: time that nobody watched does not count.
     *
     * @param at offset in {@code longs}: since when the condition holds, when it was last looked at
     */
    record Sustained(Node condition, long duration, int at) implements TimedNode {
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
     * @param inputs of the condition
     * @param at offset in {@code longs}: when the condition was last true, whether it was at the last step
     */
    record Kept(Node condition, long duration, Inputs inputs, int at) implements TimedNode {
        static final int LONGS = 2;

        @Override
        public double step(Evaluation e) {
            double truth = condition.step(e);
            if (truth == TRUE) {
                boolean before = e.longs[at + 1] == 1;
                e.longs[at] = before ? Math.max(e.longs[at], inputs.newest(e)) : e.now;
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
     * True from the instant of a push for as long as it counts, and false otherwise: that nothing was told is calm.
     *
     * @param at offset in {@code longs}: when the kernel last told, until when that counts
     */
    record Pushed(int at) implements TimedNode {
        static final int LONGS = 2;

        void pushed(Evaluation e, long nanos, long lasts) {
            e.longs[at] = Math.max(e.longs[at], nanos);
            e.longs[at + 1] = Math.max(e.longs[at + 1], Evaluation.after(nanos, lasts));
        }

        @Override
        public double step(Evaluation e) {
            long until = e.longs[at + 1];
            if (e.now >= until) {
                return FALSE;
            }
            e.mayChangeAt(until);
            return TRUE;
        }

        @Override
        public double peek(Evaluation e) {
            return Node.truth(e.now < e.longs[at + 1]);
        }
    }

    /**
     * True while {@code second} holds, if it came to hold after {@code first} had come to, and not more than {@code within} after
     * {@code first} ceased to. Like the second while that is not true.
     *
     * @param at offset in {@code longs}: since when the first holds, when it last ceased to, what became of the second
     */
    record Sequence(Node first, Node second, long within, int at) implements TimedNode {
        static final int LONGS = 3;

        private static final int SINCE = 0;
        private static final int CEASED = 1;
        private static final int SECOND = 2;

        /** The second holds, and came to as is asked for. */
        private static final long IN_TIME = 1;

        /** The second holds, but came to otherwise. */
        private static final long OUT_OF_TIME = 2;

        @Override
        public double step(Evaluation e) {
            follow(e, first.step(e));
            double truth = second.step(e);
            if (truth != TRUE) {
                e.longs[at + SECOND] = Evaluation.NONE;
                return truth;
            }
            if (e.longs[at + SECOND] == Evaluation.NONE) {
                e.longs[at + SECOND] = isInTime(e) ? IN_TIME : OUT_OF_TIME;
            }
            return Node.truth(e.longs[at + SECOND] == IN_TIME);
        }

        private void follow(Evaluation e, double truth) {
            long since = e.longs[at + SINCE];
            if (truth == TRUE) {
                if (since == Evaluation.NONE) {
                    e.longs[at + SINCE] = e.now;
                }
            } else if (since != Evaluation.NONE) {
                e.longs[at + SINCE] = Evaluation.NONE;
                if (since < e.now) {
                    e.longs[at + CEASED] = e.now;
                }
            }
        }

        private boolean isInTime(Evaluation e) {
            long since = e.longs[at + SINCE];
            long ceased = e.longs[at + CEASED];
            return (since != Evaluation.NONE && since < e.now)
                    || (ceased != Evaluation.NONE && e.now <= Evaluation.after(ceased, within));
        }

        @Override
        public double peek(Evaluation e) {
            double truth = second.peek(e);
            if (truth != TRUE) {
                return truth;
            }
            long became = e.longs[at + SECOND];
            // When the second has yet to wait, the first that holds now will have held before it.
            return Node.truth(became == Evaluation.NONE ? first.peek(e) == TRUE || isInTime(e) : became == IN_TIME);
        }
    }
}
