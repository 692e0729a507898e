package dev.tidemark.agent.simulate;

import dev.tidemark.config.Signal;
import dev.tidemark.config.Unit;
import dev.tidemark.triggers.SignalSet;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is told of each cgroup and of the host, in the order in which it is told. */
enum Measure {
    MAX_EVENTS("max_events", "limit hit (max events)", Unit.COUNT, true, "events.max"),
    HIGH_EVENTS("high_events", "throttled at high (high events)", Unit.COUNT, false, "events.high"),
    OOM_KILLS("oom_kills", "OOM kills", Unit.COUNT, true, "events.oom_kill"),
    DIRECT_SCANNED("direct_scanned_pages", "direct reclaim: pages scanned", Unit.COUNT, true, "pgscan_direct"),
    DIRECT_STOLEN("direct_stolen_pages", "direct reclaim: pages stolen", Unit.COUNT, true, "pgsteal_direct"),
    KSWAPD_SCANNED("kswapd_scanned_pages", "kswapd: pages scanned", Unit.COUNT, false, "pgscan_kswapd"),
    KSWAPD_STOLEN("kswapd_stolen_pages", "kswapd: pages stolen", Unit.COUNT, false, "pgsteal_kswapd"),
    AGENT_SCANNED("agent_scanned_pages", "agent: pages scanned", Unit.COUNT, false, "pgscan_proactive"),
    AGENT_STOLEN("agent_stolen_pages", "agent: pages stolen", Unit.COUNT, false, "pgsteal_proactive"),
    AGENT_ASKED("agent_asked_bytes", "agent: asked for", Unit.BYTES, false, null),
    AGENT_GOT("agent_got_bytes", "agent: got", Unit.BYTES, false, null),
    FILE_REFAULTS("file_refaults", "refaults of file pages", Unit.COUNT, true, "workingset_refault_file"),
    ANON_REFAULTS("anon_refaults", "refaults of anonymous pages", Unit.COUNT, false, "workingset_refault_anon"),
    MAJOR_FAULTS("major_faults", "major faults", Unit.COUNT, true, "pgmajfault"),
    SWAPPED_OUT("swapped_out_pages", "pages swapped out", Unit.COUNT, false, "pswpout"),
    SWAPPED_IN("swapped_in_pages", "pages swapped in", Unit.COUNT, false, "pswpin"),
    ZSWAPPED_OUT("zswapped_out_pages", "pages swapped out to zswap", Unit.COUNT, false, "zswpout"),
    ZSWAPPED_IN("zswapped_in_pages", "pages swapped in from zswap", Unit.COUNT, false, "zswpin"),
    PSI_SOME("psi_some_seconds", "PSI some", Unit.DURATION, true, "psi.some.total"),
    PSI_SOME_SHARE("psi_some_share", "PSI some, share of the run", Unit.RATIO, true, null),
    PSI_FULL("psi_full_seconds", "PSI full", Unit.DURATION, true, "psi.full.total"),
    PSI_FULL_SHARE("psi_full_share", "PSI full, share of the run", Unit.RATIO, true, null),
    NEAR_LIMIT("near_limit_seconds", "within 5% of the limit", Unit.DURATION, true, null),
    MEAN_USAGE("mean_usage_bytes", "usage, mean", Unit.BYTES, true, null),
    PEAK_USAGE("peak_usage_bytes", "usage, peak", Unit.BYTES, true, null);

    /** From this share of its limit on a cgroup is near it. */
    static final double NEAR = 0.95;

    /** The counters that measures are made of. */
    static final SignalSet COUNTERS = SignalSet.of(Arrays.stream(values())
            .flatMap(measure -> measure.counter().stream())
            .toList());

    private final String key;
    private final String label;
    private final Unit unit;
    private final boolean always;
    private final @Nullable String counter;

    Measure(String key, String label, Unit unit, boolean always, @Nullable String counter) {
        this.key = key;
        this.label = label;
        this.unit = unit;
        this.always = always;
        this.counter = counter;
    }

    /** Its name in JSON, which ends in its unit where that is none of a count. */
    String key() {
        return key;
    }

    String label() {
        return label;
    }

    Unit unit() {
        return unit;
    }

    /** Whether people are told also where it is 0 in all columns. */
    boolean always() {
        return always;
    }

    /** The counter whose growth over the run it is; empty for what is computed. */
    Optional<Signal> counter() {
        return Optional.ofNullable(counter).map(Measure::named);
    }

    static Signal named(String name) {
        Signal signal = Signal.named(name);
        if (signal == null) {
            throw new IllegalStateException("there is no signal " + name);
        }
        return signal;
    }
}
