package dev.tidemark.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What can be known of a cgroup or of the host, under the dotted name by which expressions call it. There is one object for each
 * signal: they are compared by identity.
 *
 * <p>A <em>counter</em> only grows while the cgroup lives and means something only as a difference; a <em>gauge</em> is a
 * level at an instant; a <em>share</em> is the change of one counter divided by that of another.
 *
 * <p>Most are one number of one file of the kernel, {@link #file} and {@link #keys}. A <em>derived</em> one is computed from others,
 * {@link #parts}, by {@link SignalFormulas}; readers are asked for the parts, never for it. {@link #LIMIT}, {@link
 * #PROTECTION} and {@link #SWAP_HEADROOM} are read, but from the files of all ancestors, and have no file here.
 *
 * <p>All of them are lines of {@code signals.txt} beside this class, which is read as the class is initialised; the constants are
 * those that Java code speaks of. {@code docs/signals.md} is made from it.
 */
public final class Signal {

    /** How a signal's values are to be understood. */
    public enum Kind {
        /** A level at an instant. */
        GAUGE,
        /** Only grows while the cgroup lives, and means something only as a difference. */
        COUNTER,
        /** The change of one counter divided by that of another: has a value only over a window. */
        SHARE
    }

    /** Whose it is. */
    public enum Scope {
        CGROUP,
        HOST
    }

    /** From the kernel's number to the base unit. */
    public enum Scale {
        ONE,
        /** The file has KiB. */
        KIB,
        /** The file has pages. */
        PAGE,
        /** The file has percent. */
        PERCENT,
        /** The file has microseconds. */
        MICROS;

        /**
         * The value in the base unit; NaN stays NaN.
         *
         * @param pageBytes of this host
         */
        public double of(double number, int pageBytes) {
            return switch (this) {
                case ONE -> number;
                case KIB -> number * 1024;
                case PAGE -> number * pageBytes;
                // Divided by, not multiplied with the inverse: that rounds only once.
                case PERCENT -> number / 100;
                case MICROS -> number / 1e6;
            };
        }
    }

    private static final List<Signal> ALL = SignalTable.read();
    private static final Map<String, Signal> BY_NAME = byName();

    public static final Signal USAGE = known("usage");
    public static final Signal PEAK = known("peak");
    public static final Signal LIMIT = known("limit");
    public static final Signal MAX = known("max");
    public static final Signal HIGH = known("high");
    public static final Signal LOW = known("low");
    public static final Signal MIN = known("min");
    public static final Signal PROTECTION = known("protection");
    public static final Signal SWAP_USAGE = known("swap.usage");
    public static final Signal SWAP_MAX = known("swap.max");
    public static final Signal SWAP_HEADROOM = known("swap.headroom");
    public static final Signal PSI_SOME_AVG10 = known("psi.some.avg10");
    public static final Signal PSI_SOME_AVG60 = known("psi.some.avg60");
    public static final Signal PSI_SOME_AVG300 = known("psi.some.avg300");
    public static final Signal PSI_SOME_TOTAL = known("psi.some.total");
    public static final Signal PSI_FULL_AVG10 = known("psi.full.avg10");
    public static final Signal PSI_FULL_AVG60 = known("psi.full.avg60");
    public static final Signal PSI_FULL_AVG300 = known("psi.full.avg300");
    public static final Signal PSI_FULL_TOTAL = known("psi.full.total");
    public static final Signal PSI_IO_SOME_AVG10 = known("psi.io.some.avg10");
    public static final Signal PSI_IO_SOME_AVG60 = known("psi.io.some.avg60");
    public static final Signal PSI_IO_SOME_TOTAL = known("psi.io.some.total");
    public static final Signal PSI_IO_FULL_TOTAL = known("psi.io.full.total");
    public static final Signal PSI_CPU_SOME_TOTAL = known("psi.cpu.some.total");
    public static final Signal PSI_CPU_FULL_TOTAL = known("psi.cpu.full.total");
    public static final Signal PGFAULT = known("pgfault");
    public static final Signal PGMAJFAULT = known("pgmajfault");
    /** Without proactive reclaim, the agent's own above all. */
    public static final Signal PGSCAN = known("pgscan");
    /** Without proactive reclaim, the agent's own above all. */
    public static final Signal PGSTEAL = known("pgsteal");
    /** Without the agent's own, which kernels before 6.15 count here. */
    public static final Signal PGSCAN_DIRECT = known("pgscan_direct");
    /** Without the agent's own, which kernels before 6.15 count here. */
    public static final Signal PGSTEAL_DIRECT = known("pgsteal_direct");

    public static final Signal REFAULT = known("refault");
    public static final Signal EVENTS_LOW = known("events.low");
    public static final Signal EVENTS_MAX = known("events.max");
    public static final Signal EVENTS_HIGH = known("events.high");
    public static final Signal EVENTS_OOM = known("events.oom");
    public static final Signal EVENTS_OOM_KILL = known("events.oom_kill");
    public static final Signal DIRTY = known("dirty");
    public static final Signal WRITEBACK = known("writeback");
    public static final Signal INACTIVE_ANON = known("inactive_anon");
    public static final Signal ACTIVE_ANON = known("active_anon");
    public static final Signal INACTIVE_FILE = known("inactive_file");
    public static final Signal ACTIVE_FILE = known("active_file");
    public static final Signal HEADROOM = known("headroom");
    public static final Signal FILL_RATE = known("fill_rate");
    public static final Signal TIME_TO_LIMIT = known("time_to_limit");
    public static final Signal RECLAIMABLE = known("reclaimable");
    public static final Signal REFAULT_RATIO = known("refault.ratio");
    public static final Signal SCAN_EFFICIENCY = known("scan.efficiency");
    public static final Signal HOST_AVAILABLE = known("host.available");
    public static final Signal HOST_TOTAL = known("host.total");
    public static final Signal HOST_PGSCAN_KSWAPD = known("host.vmstat.pgscan_kswapd");

    private final int index;
    private final List<String> names;
    private final Kind kind;
    private final Unit unit;
    private final Scale scale;
    private final Scope scope;
    private final String since;
    private final String file;
    private final List<String> keys;
    private final List<Signal> parts;
    private final String description;

    Signal(
            int index,
            List<String> names,
            Kind kind,
            Unit unit,
            Scale scale,
            Scope scope,
            String since,
            String file,
            List<String> keys,
            List<Signal> parts,
            String description) {
        this.index = index;
        this.names = names;
        this.kind = kind;
        this.unit = unit;
        this.scale = scale;
        this.scope = scope;
        this.since = since;
        this.file = file;
        this.keys = keys;
        this.parts = parts;
        this.description = description;
    }

    private static Map<String, Signal> byName() {
        Map<String, Signal> byName = HashMap.newHashMap(2 * ALL.size());
        for (Signal signal : ALL) {
            for (String name : signal.names) {
                if (byName.put(name, signal) != null) {
                    throw new IllegalStateException("two signals have the name " + name);
                }
            }
        }
        return byName;
    }

    private static Signal known(String name) {
        Signal signal = BY_NAME.get(name);
        if (signal == null) {
            throw new IllegalStateException("no line in the table is for " + name);
        }
        return signal;
    }

    /** All signals, each at its {@link #index}. */
    public static List<Signal> all() {
        return ALL;
    }

    /** A number from 0, without gaps: for arrays. It may differ from one version of Tidemark to the next. */
    public int index() {
        return index;
    }

    /** The name in expressions: {@code psi.some.total}. */
    public String dotted() {
        return names.getFirst();
    }

    public Unit unit() {
        return unit;
    }

    public Kind kind() {
        return kind;
    }

    public Scope scope() {
        return scope;
    }

    /** Whether this only grows while the cgroup lives; otherwise it is a level or a share. */
    public boolean counter() {
        return kind == Kind.COUNTER;
    }

    /** The first release of Linux with it, {@code 6.15}; {@code 4.5}, cgroup2's first, stands for that and all before. */
    public String since() {
        return since;
    }

    /**
     * The kernel's file: a name in the cgroup's directory, or for the host a path from {@code /proc}; empty for what has no file of
     * its own.
     */
    public String file() {
        return file;
    }

    /**
     * The keys in the file whose numbers are added up; of pressure files {@code some.avg10}. None when the file is one number.
     */
    public List<String> keys() {
        return keys;
    }

    /** What the numbers in the file are to be multiplied with. */
    public Scale scale() {
        return scale;
    }

    /** For a derived signal the signals that it is computed from, in the order of {@link SignalFormulas}; otherwise none. */
    public List<Signal> parts() {
        return parts;
    }

    /** Whether it is computed from others; readers know nothing of it. */
    public boolean derived() {
        return !parts.isEmpty();
    }

    /** One clause for people: what it is. */
    public String description() {
        return description;
    }

    /** The names by which expressions may call this signal, the canonical one first. */
    public List<String> names() {
        return names;
    }

    /** The signal of that name or alias, or null. */
    public static @Nullable Signal named(String name) {
        return BY_NAME.get(name);
    }

    /**
     * The signal that is read from this one place, or null. Looks through all.
     *
     * @param file as {@link #file}
     * @param key the only one of {@link #keys}; empty for a file of one number
     */
    public static @Nullable Signal reading(Scope scope, String file, String key) {
        List<String> keys = key.isEmpty() ? List.of() : List.of(key);
        for (Signal signal : ALL) {
            if (signal.scope == scope && signal.file.equals(file) && signal.keys.equals(keys)) {
                return signal;
            }
        }
        return null;
    }

    /** The dotted name. */
    @Override
    public String toString() {
        return dotted();
    }
}
