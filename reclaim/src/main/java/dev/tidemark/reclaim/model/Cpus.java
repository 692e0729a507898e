package dev.tidemark.reclaim.model;

/**
 * The host's processors, shared evenly: when tasks want more of them than there are, all get slower alike. Without run queues
 * and time slices, which would cost an event each and tell a reclaim policy nothing.
 *
 * <p>Demand is counted in whole 1024ths of a processor, so that sums do not depend on the order.
 */
final class Cpus {

    /** One processor. */
    static final int ONE = 1024;

    private final int count;
    private long demand;

    Cpus(int count) {
        this.count = count;
    }

    int count() {
        return count;
    }

    /** What a task wants has changed by that much. */
    void want(long change) {
        demand += change;
    }

    /** How much longer everything takes now than on a processor of its own, in 1024ths; at least {@link #ONE}. */
    long stretch() {
        return Math.max(ONE, demand / count);
    }
}
