package dev.tidemark.reclaim;

import dev.tidemark.config.Policy;
import dev.tidemark.config.Unit;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Decision;
import java.util.Optional;

/** What the reclaim engine did, or why it did not. */
public sealed interface ReclaimEvent {

    Cgroup cgroup();

    Policy policy();

    /** When, in nanoseconds of the core's clock. */
    long nanos();

    /**
     * The kernel was asked, and answered.
     *
     * @param askedPages what it was asked for
     * @param first the START that this is the first request for; empty for those that follow
     */
    record Reclaimed(
            Cgroup cgroup, Policy policy, long nanos, long askedPages, ReclaimResult result, Optional<Decision> first)
            implements ReclaimEvent {}

    /**
     * The kernel is not asked although the policy is active. Told once for each reason between START and STOP.
     *
     * @param untilNanos when it will be tried again without a new sample; the same as {@code nanos} where only a sample
     *     brings it back
     * @param value what was seen, in the reason's {@linkplain Reason#unit unit}; NaN where it is not about a value
     * @param mark what that is measured against; NaN where it is not about a value
     */
    record Held(Cgroup cgroup, Policy policy, long nanos, Reason reason, long untilNanos, double value, double mark)
            implements ReclaimEvent {

        /** For a reason that is not about a value. */
        public Held(Cgroup cgroup, Policy policy, long nanos, Reason reason, long untilNanos) {
            this(cgroup, policy, nanos, reason, untilNanos, Double.NaN, Double.NaN);
        }

        /** Why, in one sentence for people, with the values as far as there are some. */
        public String why() {
            return Double.isNaN(value)
                    ? reason.sentence
                    : reason.sentence + ": it is " + reason.unit.format(value) + ", and the mark "
                            + reason.unit.format(mark);
        }
    }

    /** Why the kernel is not asked. */
    enum Reason {
        /** Usage is down at {@code limits.floor}. */
        FLOOR("usage is down at limits.floor", Unit.BYTES),
        /** Usage is down at what memory.min and memory.low keep for the cgroup. */
        PROTECTION("usage is down at what memory.min and memory.low keep for the cgroup", Unit.BYTES),
        /** Usage is down at what cannot be reclaimed and the margin. */
        MARGIN("usage is down at what cannot be reclaimed and guards.margin", Unit.BYTES),
        /** Usage is down at a part of the limit. */
        RATIO("usage is down at guards.ratio of the limit", Unit.BYTES),
        /** There is too little swap for anonymous memory: only file pages are asked for, or nothing where there are none. */
        SWAP("anonymous memory is left alone, for there is too little swap for it", Unit.BYTES),
        /** Tasks are stalled on memory. */
        PSI("tasks are stalled on memory for more of the time than guards.psi", Unit.RATIO),
        /** Tasks are stalled on block devices. */
        IO_PSI("tasks are stalled on block devices for more of the time than guards.io_psi", Unit.RATIO),
        /** Too much of what was taken has been read back. */
        REFAULT_RATIO("more of what was taken is read back than guards.refault_ratio", Unit.RATIO),
        /** Too many faults have to read. */
        MAJOR_FAULTS("more faults have to read than guards.major_faults", Unit.RATE),
        /** What is taken is read back, and usage stands where it stood. */
        LIVELOCK("usage stands where it stood, for too much of what is taken is read back", Unit.RATIO),
        /** The kernel reclaims for the whole host. */
        KSWAPD("kswapd scans more than guards.kswapd: the kernel reclaims for the whole host", Unit.RATE),
        /** The policy's bytes per second are used up. */
        BUDGET("the policy's bytes per second are used up", Unit.BYTES),
        /** As many cgroups wait as may, and all of them before this one. */
        QUEUE_FULL("as many cgroups wait as may", Unit.COUNT),
        /** The last request moved nothing: the next comes later, and later each time. */
        NO_PROGRESS("the last write moved nothing", Unit.COUNT),
        /** A request has not returned although cancelled; its worker is replaced, its cgroup left alone until it does. */
        STUCK("a write has not returned although cancelled", Unit.COUNT),
        /** The policy's CPU time for writes is used up. */
        TIME_BUDGET("the policy's CPU time for writes is used up", Unit.DURATION),
        /** What the policy may send to swap is used up. */
        SWAP_BUDGET("what the policy may send to swap is used up", Unit.BYTES),
        /** The bytes per second of all policies together are used up. */
        AGENT_BUDGET("the bytes per second of all policies together are used up", Unit.BYTES),
        /** The CPU time for writes of all policies together is used up. */
        AGENT_TIME_BUDGET("the CPU time for writes of all policies together is used up", Unit.DURATION),
        /** What all policies together may send to swap is used up. */
        AGENT_SWAP_BUDGET("what all policies together may send to swap is used up", Unit.BYTES),
        /** The kernel will not do it: the next request comes much later. */
        REFUSED("the kernel refused the last write", Unit.COUNT),
        /** The kernel says yes, and usage does not fall, again and again. */
        NO_EFFECT("the kernel says yes, but usage does not fall", Unit.COUNT),
        /** So many requests in a row were in vain that only small ones go out, a second to a minute apart. */
        CIRCUIT_OPEN("its writes have been in vain so often that it is only probed now and then", Unit.COUNT);

        private final String sentence;
        private final Unit unit;

        Reason(String sentence, Unit unit) {
            this.sentence = sentence;
            this.unit = unit;
        }

        /** For people: what is in the way. */
        public String sentence() {
            return sentence;
        }

        /** What {@link Held#value} and {@link Held#mark} are in. */
        public Unit unit() {
            return unit;
        }
    }
}
