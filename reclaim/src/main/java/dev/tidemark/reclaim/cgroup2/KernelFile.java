package dev.tidemark.reclaim.cgroup2;

/** The files of a cgroup that are read again and again. */
enum KernelFile {
    CURRENT("memory.current"),
    STAT("memory.stat"),
    EVENTS("memory.events"),
    PRESSURE("memory.pressure"),
    SWAP_CURRENT("memory.swap.current");

    /** Asked for by name only, when the limits are due. */
    static final String MAX = "memory.max";

    static final String HIGH = "memory.high";
    static final String SWAP_MAX = "memory.swap.max";
    static final String RECLAIM = "memory.reclaim";
    static final String CONTROLLERS = "cgroup.controllers";
    static final String SUBTREE_CONTROL = "cgroup.subtree_control";

    private final String fileName;

    KernelFile(String fileName) {
        this.fileName = fileName;
    }

    String fileName() {
        return fileName;
    }
}
