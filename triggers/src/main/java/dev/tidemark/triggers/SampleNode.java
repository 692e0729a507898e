package dev.tidemark.triggers;

import java.util.Arrays;

/** What is made of the samples in a window, both of its ends included. */
sealed interface SampleNode extends WindowNode {

    /**
     * The slope of the straight line that has the least squares of distances to the samples, per second. With less than two samples
     * in the window the one before it counts too; with none before it is unknown.
     */
    record Slope(Operand operand, Points points, int result) implements SampleNode {
        static final int DOUBLES = 1;

        @Override
        public long latest(Evaluation e) {
            return points.latest(e);
        }

        @Override
        public void add(Evaluation e, long time, double raw, boolean fresh) {
            if (fresh) {
                points.restart(e, time, raw);
                e.doubles[result] = UNKNOWN;
                return;
            }
            points.add(e, time, raw);
            e.doubles[result] = slope(e, time, raw);
        }

        /** Times and values are taken from the latest, which is then at (0, 0): so the sums stay small. */
        private double slope(Evaluation e, long time, double raw) {
            int count = points.count(e);
            int from = count > 1 && points.time(e, 0) < time - points.over() ? 1 : 0;
            double n = 1;
            double sumX = 0;
            double sumY = 0;
            double sumXx = 0;
            double sumXy = 0;
            for (int i = from; i < count; i++) {
                double x = (points.time(e, i) - time) / NANOS_PER_SECOND;
                double y = points.value(e, i) - raw;
                n++;
                sumX += x;
                sumY += y;
                sumXx += x * x;
                sumXy += x * y;
            }
            return (n * sumXy - sumX * sumY) / (n * sumXx - sumX * sumX);
        }
    }

    /** The value that a share of the samples does not exceed: one of them, the nearest in rank. */
    record Rank(double share, Operand operand, Points points, int result) implements SampleNode {
        static final int DOUBLES = 1;

        // What a product of two decimal fractions may be too high by.
        private static final double ROUNDING = 1e-9;

        @Override
        public boolean takes(double raw) {
            return !Double.isNaN(raw);
        }

        @Override
        public long latest(Evaluation e) {
            return points.latest(e);
        }

        @Override
        public void add(Evaluation e, long time, double raw, boolean fresh) {
            if (fresh) {
                points.restart(e, time, raw);
                e.doubles[result] = raw;
                return;
            }
            points.add(e, time, raw);
            e.doubles[result] = ranked(e, time, raw);
        }

        private double ranked(Evaluation e, long time, double raw) {
            double[] sorted = e.scratch;
            int n = 0;
            sorted[n++] = raw;
            long start = time - points.over();
            for (int i = 0; i < points.count(e); i++) {
                if (points.time(e, i) >= start) {
                    sorted[n++] = points.value(e, i);
                }
            }
            Arrays.sort(sorted, 0, n);
            return sorted[rank(share, n) - 1];
        }

        /** From 1 to {@code n}. */
        static int rank(double share, int n) {
            return Math.clamp((int) Math.ceil(share * n - ROUNDING), 1, n);
        }
    }

    /**
     * The least or the greatest sample. Kept are those after which none was as extreme; of two of these closer than {@code spacing}
     * the less extreme is left out, so that it may be missed for that long when the other has left the window.
     *
     * @param longs offset: first kept sample, number kept, time of the latest, then their times
     * @param doubles offset: the result, then their values
     */
    record Extreme(boolean greatest, Operand operand, long over, long spacing, int capacity, int longs, int doubles)
            implements SampleNode {

        private static final int FIRST = 0;
        private static final int COUNT = 1;
        private static final int LATEST = 2;
        private static final int TIMES = 3;
        private static final int VALUES = 1;

        /** Those that are spacing apart, and what is at the ends. */
        static int capacity(int spacings) {
            return spacings + 3;
        }

        static int longs(int capacity) {
            return TIMES + capacity;
        }

        static int doubles(int capacity) {
            return VALUES + capacity;
        }

        @Override
        public boolean takes(double raw) {
            return !Double.isNaN(raw);
        }

        @Override
        public int result() {
            return doubles;
        }

        @Override
        public long latest(Evaluation e) {
            return e.longs[longs + LATEST];
        }

        @Override
        public void add(Evaluation e, long time, double raw, boolean fresh) {
            e.longs[longs + LATEST] = time;
            if (fresh) {
                e.longs[longs + FIRST] = 0;
                e.longs[longs + COUNT] = 0;
            }
            long count = withoutOld(e, e.longs[longs + COUNT], time - over);
            while (count > 0 && !isMoreExtreme(e.doubles[value(e, count - 1)], raw)) {
                count--;
            }
            if (count == 0 || time - e.longs[time(e, count - 1)] >= spacing) {
                e.longs[time(e, count)] = time;
                e.doubles[value(e, count)] = raw;
                count++;
            }
            e.longs[longs + COUNT] = count;
            e.doubles[doubles] = e.doubles[value(e, 0)];
        }

        private long withoutOld(Evaluation e, long from, long start) {
            long count = from;
            while (count > 0 && e.longs[time(e, 0)] < start) {
                long next = e.longs[longs + FIRST] + 1;
                e.longs[longs + FIRST] = next == capacity ? 0 : next;
                count--;
            }
            return count;
        }

        private boolean isMoreExtreme(double kept, double raw) {
            return greatest ? kept > raw : kept < raw;
        }

        private int time(Evaluation e, long i) {
            return longs + TIMES + index(e, i);
        }

        private int value(Evaluation e, long i) {
            return doubles + VALUES + index(e, i);
        }

        private int index(Evaluation e, long i) {
            int index = (int) (e.longs[longs + FIRST] + i);
            return index < capacity ? index : index - capacity;
        }
    }

    /**
     * A mean in which what is older counts less: half as much for each {@code over} that has gone by since, however often samples
     * come. The first sample begins it.
     *
     * @param longs offset of the time of the latest sample
     */
    record Decaying(Operand operand, double over, int longs, int result) implements SampleNode {
        static final int LONGS = 1;
        static final int DOUBLES = 1;

        private static final double LN_2 = Math.log(2);

        @Override
        public long latest(Evaluation e) {
            return e.longs[longs];
        }

        @Override
        public void add(Evaluation e, long time, double raw, boolean fresh) {
            double before = e.doubles[result];
            // 1 - 2^(-elapsed / over), without losing digits when that is near 0.
            double share = -Math.expm1(-LN_2 * ((time - e.longs[longs]) / over));
            e.doubles[result] = fresh ? raw : before + (raw - before) * share;
            e.longs[longs] = time;
        }
    }
}
