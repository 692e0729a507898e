package dev.tidemark.reclaim.model;

/**
 * Indices of what a cgroup counts: page states and events of {@code memory.stat} ({@code include/linux/mmzone.h}, {@code
 * include/linux/vm_event_item.h}). The first four are the sizes of the lists and equal the list's own index. Those before
 * {@link #FIRST_EVENT} are levels, in pages where nothing else is said; the others only grow.
 */
final class Stat {

    static final int INACTIVE_ANON = 0;
    static final int ACTIVE_ANON = 1;
    static final int INACTIVE_FILE = 2;
    static final int ACTIVE_FILE = 3;
    static final int FILE_DIRTY = 4;
    static final int WRITEBACK = 5;
    static final int SWAP = 6;

    /** In bytes. */
    static final int ZSWAP = 7;

    static final int ZSWAPPED = 8;

    static final int FIRST_EVENT = 9;
    static final int PGFAULT = 9;
    static final int PGMAJFAULT = 10;
    static final int PGSCAN_DIRECT = 11;
    static final int PGSCAN_PROACTIVE = 12;
    static final int PGSTEAL_DIRECT = 13;
    static final int PGSTEAL_PROACTIVE = 14;
    static final int PGREFILL = 15;
    static final int PGACTIVATE = 16;
    static final int PGDEACTIVATE = 17;
    static final int PGROTATED = 18;
    /** The anonymous one of a pair; the file one follows it. */
    static final int WORKINGSET_REFAULT = 19;

    static final int WORKINGSET_ACTIVATE = 21;
    static final int WORKINGSET_RESTORE = 23;
    static final int PSWPIN = 25;
    static final int PSWPOUT = 26;
    static final int ZSWPIN = 27;
    static final int ZSWPOUT = 28;
    /** Direct reclaim by the agent, which the kernel has among the others. */
    static final int PGSCAN_AGENT = 29;

    static final int PGSTEAL_AGENT = 30;

    static final int COUNT = 31;

    /** No count of anything: how many there have been in the others since they were last summed up over the CPUs. */
    static final int UPDATES = COUNT;

    private Stat() {}
}
