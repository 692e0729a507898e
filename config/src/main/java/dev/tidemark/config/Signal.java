package dev.tidemark.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What can be known of a cgroup, under the dotted name by which expressions call it.
 *
 * <p>A <em>counter</em> only grows while the cgroup lives and means something only as a difference; a <em>gauge</em> is a
 * level at an instant.
 */
public enum Signal {
    USAGE("usage", Unit.BYTES, false, "memory charged to the cgroup and its children (memory.current)"),
    LIMIT(
            "limit",
            Unit.BYTES,
            false,
            "the lowest memory.max or memory.high on the way to the root; the host's memory if there is none"),
    MAX("max", Unit.BYTES, false, "the hard limit (memory.max); infinite for max"),
    HIGH("high", Unit.BYTES, false, "the throttling limit (memory.high); infinite for max"),
    SWAP_USAGE("swap.usage", Unit.BYTES, false, "swap charged to the cgroup (memory.swap.current)"),
    PSI_SOME_AVG10("psi.some.avg10", Unit.RATIO, false, "share of 10 s in which some task waited for memory"),
    PSI_SOME_AVG60("psi.some.avg60", Unit.RATIO, false, "share of 60 s in which some task waited for memory"),
    PSI_SOME_AVG300("psi.some.avg300", Unit.RATIO, false, "share of 300 s in which some task waited for memory"),
    PSI_SOME_TOTAL("psi.some.total", "psi.some", Unit.DURATION, true, "time in which some task waited for memory"),
    PSI_FULL_AVG10("psi.full.avg10", Unit.RATIO, false, "share of 10 s in which all tasks waited for memory"),
    PSI_FULL_AVG60("psi.full.avg60", Unit.RATIO, false, "share of 60 s in which all tasks waited for memory"),
    PSI_FULL_AVG300("psi.full.avg300", Unit.RATIO, false, "share of 300 s in which all tasks waited for memory"),
    PSI_FULL_TOTAL("psi.full.total", "psi.full", Unit.DURATION, true, "time in which all tasks waited for memory"),
    PGFAULT("pgfault", Unit.COUNT, true, "page faults (memory.stat)"),
    PGMAJFAULT("pgmajfault", Unit.COUNT, true, "page faults that had to read (memory.stat)"),
    PGSCAN("pgscan", Unit.COUNT, true, "pages scanned by reclaim (memory.stat)"),
    PGSTEAL("pgsteal", Unit.COUNT, true, "pages freed by reclaim (memory.stat)"),
    REFAULT(
            "refault",
            Unit.COUNT,
            true,
            "pages read back soon after they were reclaimed (workingset_refault_anon and _file of memory.stat)"),
    EVENTS_MAX("events.max", Unit.COUNT, true, "charges that ran into memory.max (memory.events)"),
    EVENTS_HIGH("events.high", Unit.COUNT, true, "tasks throttled by memory.high (memory.events)"),
    EVENTS_OOM("events.oom", Unit.COUNT, true, "times the cgroup was out of memory (memory.events)"),
    EVENTS_OOM_KILL("events.oom_kill", Unit.COUNT, true, "tasks killed for lack of memory (memory.events)"),
    DIRTY("dirty", Unit.BYTES, false, "file memory not yet written back (file_dirty of memory.stat)"),
    WRITEBACK("writeback", Unit.BYTES, false, "file memory being written back (file_writeback of memory.stat)");

    private final String dotted;
    private final @Nullable String alias;
    private final Unit unit;
    private final boolean counter;
    private final String description;

    Signal(String dotted, Unit unit, boolean counter, String description) {
        this(dotted, null, unit, counter, description);
    }

    Signal(String dotted, @Nullable String alias, Unit unit, boolean counter, String description) {
        this.dotted = dotted;
        this.alias = alias;
        this.unit = unit;
        this.counter = counter;
        this.description = description;
    }

    /** The name in expressions: {@code psi.some.total}. */
    public String dotted() {
        return dotted;
    }

    public Unit unit() {
        return unit;
    }

    /** Whether this only grows while the cgroup lives; otherwise it is a level. */
    public boolean counter() {
        return counter;
    }

    /** One clause for people: what it is and where the kernel has it. */
    public String description() {
        return description;
    }

    /** The names by which expressions may call this signal, the canonical one first. */
    public List<String> names() {
        return alias == null ? List.of(dotted) : List.of(dotted, alias);
    }

    /** The signal of that name or alias, or null. */
    public static @Nullable Signal named(String name) {
        for (Signal signal : values()) {
            if (signal.dotted.equals(name) || name.equals(signal.alias)) {
                return signal;
            }
        }
        return null;
    }
}
