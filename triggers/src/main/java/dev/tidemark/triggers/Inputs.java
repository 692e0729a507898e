package dev.tidemark.triggers;

/**
 * What an expression is made from: where the values are that it reads. Tells when one was last observed, so that an operator
 * knows a new sample from a look at what it has seen already.
 *
 * @param own slots of the cgroup's own signals
 * @param host slots of the host's
 * @param elsewhere slots of the signals of each cgroup that the program names
 * @param pushes offsets in the state at which pushes leave their instant
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and a step must not go through boxed lists
record Inputs(int[] own, int[] host, int[][] elsewhere, int[] pushes) {

    /** Of a constant. */
    static final Inputs NOTHING = new Inputs(new int[0], new int[0], new int[0][], new int[0]);

    /** Whether all of it is the cgroup's own and sampled with it. */
    boolean isOwn() {
        return own.length > 0 && host.length == 0 && elsewhere.length == 0 && pushes.length == 0;
    }

    /**
     * When any was last observed, or told of by a push; never after the instant of the evaluation. For what reads nothing at all
     * that is the present.
     */
    long newest(Evaluation e) {
        long[] observed = e.observed;
        long newest = Evaluation.NONE;
        for (int slot : own) {
            newest = Math.max(newest, observed[slot]);
        }
        return isOwn() ? newest : Math.min(e.now, newestOfOthers(e, newest));
    }

    private long newestOfOthers(Evaluation e, long own) {
        long newest = newest(host, e.host, own);
        for (int k = 0; k < elsewhere.length; k++) {
            newest = newest(elsewhere[k], e.elsewhere[k], newest);
        }
        for (int at : pushes) {
            newest = Math.max(newest, e.longs[at]);
        }
        return isNothing() ? e.now : newest;
    }

    private static long newest(int[] slots, Known known, long least) {
        long newest = least;
        for (int slot : slots) {
            newest = Math.max(newest, known.observed[slot]);
        }
        return newest;
    }

    private boolean isNothing() {
        for (int[] slots : elsewhere) {
            if (slots.length > 0) {
                return false;
            }
        }
        return own.length == 0 && host.length == 0 && pushes.length == 0;
    }

    /** Between two samples this far apart nobody knows what has been: of the slowest of what is read. */
    long gap(Evaluation e) {
        if (isOwn()) {
            return e.staleAfter;
        }
        long gap = own.length > 0 || isNothing() ? e.staleAfter : 0;
        if (host.length > 0) {
            gap = Math.max(gap, e.host.staleAfter);
        }
        for (int k = 0; k < elsewhere.length; k++) {
            if (elsewhere[k].length > 0) {
                gap = Math.max(gap, e.elsewhere[k].staleAfter);
            }
        }
        // A push comes when there is something to tell, however rarely.
        return gap == 0 ? Evaluation.NEVER : gap;
    }

    /** The next instant at which a value that is known now goes stale. */
    long goesStaleAt(Evaluation e) {
        long earliest = Evaluation.NEVER;
        for (int slot : own) {
            if (!Double.isNaN(e.value(slot))) {
                earliest = Math.min(earliest, Evaluation.after(e.observed[slot], e.staleAfter));
            }
        }
        earliest = goesStaleAt(host, e.host, e.now, earliest);
        for (int k = 0; k < elsewhere.length; k++) {
            earliest = goesStaleAt(elsewhere[k], e.elsewhere[k], e.now, earliest);
        }
        return earliest;
    }

    private static long goesStaleAt(int[] slots, Known known, long now, long most) {
        long earliest = most;
        for (int slot : slots) {
            if (!Double.isNaN(known.value(slot, now))) {
                earliest = Math.min(earliest, Evaluation.after(known.observed[slot], known.staleAfter));
            }
        }
        return earliest;
    }
}
