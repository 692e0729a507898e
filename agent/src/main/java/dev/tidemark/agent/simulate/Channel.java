package dev.tidemark.agent.simulate;

import dev.tidemark.agent.simulate.Course.Merge;
import dev.tidemark.triggers.TriggerState;
import java.util.ArrayList;
import java.util.List;

/** What is kept of a cgroup over time; after these, for each policy that acts on it, the seconds spent in each state. */
enum Channel {
    USAGE_LEAST(0, Merge.LEAST),
    USAGE_GREATEST(1, Merge.GREATEST),
    /** {@code memory.max}, {@code memory.high} and {@code memory.low} in bytes. */
    MAX(2, Merge.LEAST),
    HIGH(3, Merge.LEAST),
    LOW(4, Merge.GREATEST),
    MAX_EVENTS(5, Merge.SUM),
    OOM_KILLS(6, Merge.SUM),
    /** Bytes that were taken in allocating tasks. */
    DIRECT(7, Merge.SUM),
    /** Bytes that the agent asked for, and that it got. */
    ASKED(8, Merge.SUM),
    GOT(9, Merge.SUM),
    /** Seconds in which some task waited for memory, or all. */
    PSI_SOME(10, Merge.SUM),
    PSI_FULL(11, Merge.SUM);

    /** The states that a strip shows, from its bottom to its top. */
    static final List<TriggerState> STATES =
            List.of(TriggerState.ACTIVE, TriggerState.STOPPING, TriggerState.PENDING, TriggerState.COOLDOWN);

    private final int index;
    private final Merge merge;

    Channel(int index, Merge merge) {
        this.index = index;
        this.merge = merge;
    }

    /** Where a course has it. */
    int index() {
        return index;
    }

    Merge merge() {
        return merge;
    }

    /** Channels of a cgroup that so many policies act on. */
    static List<Merge> merges(int policies) {
        List<Merge> merges = new ArrayList<>();
        for (Channel channel : values()) {
            merges.add(channel.merge);
        }
        for (int i = 0; i < policies * STATES.size(); i++) {
            merges.add(Merge.SUM);
        }
        return merges;
    }

    /** The channel of a policy's state, or -1 for one that is not kept. */
    static int of(int policy, TriggerState state) {
        int index = STATES.indexOf(state);
        return index < 0 ? -1 : values().length + policy * STATES.size() + index;
    }
}
