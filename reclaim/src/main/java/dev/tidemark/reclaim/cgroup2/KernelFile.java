package dev.tidemark.reclaim.cgroup2;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The files of a cgroup that are read again and again, in the order in which one sample reads them. */
enum KernelFile {
    CURRENT("memory.current", Format.NUMBER),
    EVENTS("memory.events", Format.KEYED),
    EVENTS_LOCAL("memory.events.local", Format.KEYED),
    SWAP_EVENTS("memory.swap.events", Format.KEYED),
    PRESSURE("memory.pressure", Format.PRESSURE),
    IO_PRESSURE("io.pressure", Format.PRESSURE),
    CPU_PRESSURE("cpu.pressure", Format.PRESSURE),
    IRQ_PRESSURE("irq.pressure", Format.PRESSURE),
    SWAP_CURRENT("memory.swap.current", Format.NUMBER),
    ZSWAP_CURRENT("memory.zswap.current", Format.NUMBER),
    PEAK("memory.peak", Format.NUMBER),
    SWAP_PEAK("memory.swap.peak", Format.NUMBER),
    /** Looked at while a write is under way. */
    CGROUP_EVENTS("cgroup.events", Format.KEYED),
    /** Last: it may wait for a lock of the whole host, and the others should be of one instant. */
    STAT("memory.stat", Format.KEYED);

    /** How a file is written. */
    enum Format {
        /** One number. */
        NUMBER,
        /** Lines of a key and a number. */
        KEYED,
        /** Lines of a key, a colon and a number that may have a unit. */
        MEMINFO,
        /** Pressure stall information. */
        PRESSURE
    }

    /** Asked for by name only, when the limits are due. */
    static final String MAX = "memory.max";

    static final String HIGH = "memory.high";
    static final String LOW = "memory.low";
    static final String MIN = "memory.min";
    static final String SWAP_MAX = "memory.swap.max";
    static final String SWAP_HIGH = "memory.swap.high";
    static final String ZSWAP_MAX = "memory.zswap.max";
    static final String RECLAIM = "memory.reclaim";
    static final String CONTROLLERS = "cgroup.controllers";
    static final String SUBTREE_CONTROL = "cgroup.subtree_control";

    private static final Map<String, KernelFile> BY_NAME = new HashMap<>();

    static {
        for (KernelFile file : values()) {
            BY_NAME.put(file.fileName, file);
        }
    }

    private final String fileName;
    private final Format format;

    KernelFile(String fileName, Format format) {
        this.fileName = fileName;
        this.format = format;
    }

    String fileName() {
        return fileName;
    }

    Format format() {
        return format;
    }

    /** The file of this name if it is read with each sample; a limit is not. */
    static @Nullable KernelFile named(String fileName) {
        return BY_NAME.get(fileName);
    }
}
