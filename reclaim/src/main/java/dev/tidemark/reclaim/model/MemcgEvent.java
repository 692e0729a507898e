package dev.tidemark.reclaim.model;

/** Indices of the counters of {@code memory.events} ({@code enum memcg_memory_event}). */
final class MemcgEvent {

    static final int LOW = 0;
    static final int HIGH = 1;
    static final int MAX = 2;
    static final int OOM = 3;
    static final int OOM_KILL = 4;
    static final int SWAP_MAX = 5;
    static final int SWAP_FAIL = 6;

    static final int COUNT = 7;

    private MemcgEvent() {}
}
