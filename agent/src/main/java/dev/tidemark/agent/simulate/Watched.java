package dev.tidemark.agent.simulate;

import dev.tidemark.config.Policy;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ReclaimEvent.Reclaimed;
import dev.tidemark.reclaim.model.MemoryModel;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.SignalSet;
import dev.tidemark.triggers.TriggerState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Looks at one cgroup, or at the host, while a run goes on, without disturbing it. What only grows is read when it is over, to the last
 * event; levels are what they were at each look.
 *
 * <p>Confined to the thread of its run.
 */
final class Watched {

    private static final double NANOS = 1e9;
    private static final SignalSet LEVELS =
            SignalSet.of(Signal.USAGE, Signal.LIMIT, Signal.MAX, Signal.HIGH, Signal.LOW, Signal.MIN);
    private static final SignalSet PRESSURE = SignalSet.of(Signal.PSI_SOME_TOTAL, Signal.PSI_FULL_TOTAL);
    private static final SignalSet READ = LEVELS.plus(Measure.COUNTERS);
    private static final Signal TOTAL = Measure.named("host.total");
    private static final Signal FREE = Measure.named("host.free");
    private static final SignalSet HOST_READ = SignalSet.of(TOTAL, FREE);

    private static final long NOT_SEEN = -1;

    /** Where one policy stands with this cgroup. */
    private static final class Stand {
        private final Policy policy;
        private TriggerState state = TriggerState.INACTIVE;
        private long sinceNanos;

        private Stand(Policy policy) {
            this.policy = policy;
        }
    }

    private final String path;
    private final boolean host;
    private final int pageSize;
    private final List<Policy> policies;
    private final List<Stand> stands;
    private final @Nullable Course course;

    private final double[] values = new double[READ.size()];
    private final double[] hostValues = new double[HOST_READ.size()];
    /** Of cgroups that were at this path before. */
    private final double[] past = new double[READ.size()];

    private final double[] previous = new double[READ.size()];
    private long id = NOT_SEEN;
    private long lookedNanos;
    private double knownSeconds;
    private double usageSeconds;
    private double nearSeconds;
    private double peak = Double.NaN;
    private long askedPages;
    private long gotPages;

    private Watched(String path, boolean host, List<Policy> policies, int pageSize, boolean plotted) {
        this.path = path;
        this.host = host;
        this.pageSize = pageSize;
        this.policies = policies;
        stands = policies.stream()
                .filter(policy -> !host && policy.selects(path))
                .map(Stand::new)
                .toList();
        course = plotted ? new Course(Channel.merges(stands.size())) : null;
    }

    static Watched cgroup(String path, List<Policy> policies, int pageSize, boolean plotted) {
        return new Watched(path, false, policies, pageSize, plotted);
    }

    /** The host, which the root cgroup counts for. */
    static Watched host(int pageSize) {
        return new Watched("", true, List.of(), pageSize, false);
    }

    String path() {
        return path;
    }

    void decided(Decision decision) {
        for (int i = 0; i < stands.size(); i++) {
            Stand stand = stands.get(i);
            if (stand.policy.name().equals(decision.policy().name())) {
                spend(i, Math.max(decision.nanos(), stand.sinceNanos));
                stand.state = decision.to();
            }
        }
    }

    void reclaimed(Reclaimed event) {
        askedPages += event.askedPages();
        gotPages += event.result().pagesReclaimed();
        put(Channel.ASKED, (double) event.askedPages() * pageSize);
        put(Channel.GOT, (double) event.result().pagesReclaimed() * pageSize);
    }

    /** Looks now. What was so since the last look is taken to be as it is now. */
    void look(MemoryModel model, long nowNanos) {
        double seconds = (nowNanos - lookedNanos) / NANOS;
        lookedNanos = nowNanos;
        Optional<Cgroup> cgroup = model.cgroup(path);
        boolean seen = cgroup.isPresent() && read(model, cgroup.get());
        double usage = seen ? usage() : Double.NaN;
        if (!Double.isNaN(usage)) {
            knownSeconds += seconds;
            usageSeconds += usage * seconds;
            nearSeconds += usage >= Measure.NEAR * level(Signal.LIMIT) ? seconds : 0;
            peak = Math.max(usage, Double.isNaN(peak) ? usage : peak);
        }
        for (int i = 0; i < stands.size(); i++) {
            spend(i, nowNanos);
        }
        if (course != null) {
            remember(course, usage, seen);
        }
    }

    private boolean read(MemoryModel model, Cgroup cgroup) {
        if (cgroup.id() != id) {
            for (int slot = 0; slot < values.length; slot++) {
                past[slot] += id == NOT_SEEN || Double.isNaN(values[slot]) ? 0 : values[slot];
                previous[slot] = 0;
            }
            id = cgroup.id();
        }
        try {
            model.observe(cgroup, READ, values);
            if (host) {
                model.observe(Cgroup.HOST, HOST_READ, hostValues);
            }
            return true;
        } catch (CgroupGoneException e) {
            // It is not there to be looked at; what it counted up to the last look stays.
            return false;
        }
    }

    private double usage() {
        return host ? hostValues[HOST_READ.slot(TOTAL)] - hostValues[HOST_READ.slot(FREE)] : level(Signal.USAGE);
    }

    private double level(Signal signal) {
        return values[READ.slot(signal)];
    }

    private void spend(int index, long nowNanos) {
        Stand stand = stands.get(index);
        int channel = Channel.of(index, stand.state);
        if (course != null && channel >= 0) {
            course.put(channel, (nowNanos - stand.sinceNanos) / NANOS);
        }
        stand.sinceNanos = nowNanos;
    }

    private void put(Channel channel, double value) {
        if (course != null) {
            course.put(channel.index(), value);
        }
    }

    private void remember(Course course, double usage, boolean seen) {
        put(Channel.USAGE_LEAST, usage);
        put(Channel.USAGE_GREATEST, usage);
        if (seen) {
            put(Channel.MAX, level(Signal.MAX));
            put(Channel.HIGH, level(Signal.HIGH));
            put(Channel.LOW, level(Signal.LOW));
            put(Channel.MAX_EVENTS, grown(Measure.MAX_EVENTS));
            put(Channel.OOM_KILLS, grown(Measure.OOM_KILLS));
            put(Channel.DIRECT, grown(Measure.DIRECT_STOLEN) * pageSize);
            put(Channel.PSI_SOME, grown(Measure.PSI_SOME));
            put(Channel.PSI_FULL, grown(Measure.PSI_FULL));
        }
        course.step();
    }

    private double grown(Measure measure) {
        int slot = READ.slot(measure.counter().orElseThrow());
        double grown = values[slot] - previous[slot];
        previous[slot] = values[slot];
        return grown;
    }

    /** Reads pressure as the file has it at the end, once nothing can be disturbed any more. */
    void end(MemoryModel model) {
        Optional<Cgroup> cgroup = model.cgroup(path);
        if (cgroup.isPresent() && cgroup.get().id() == id) {
            double[] pressure = new double[PRESSURE.size()];
            try {
                model.read(cgroup.get(), PRESSURE, pressure);
            } catch (CgroupGoneException e) {
                // Then what was last seen of it stays.
                return;
            }
            for (Signal signal : PRESSURE.signals()) {
                values[READ.slot(signal)] = pressure[PRESSURE.slot(signal)];
            }
        }
    }

    /** What there is to tell once the run is over. */
    Subject subject(Duration ran) {
        Map<Measure, Double> measured = new EnumMap<>(Measure.class);
        for (Measure measure : Measure.values()) {
            measured.put(measure, measured(measure, ran.toNanos() / NANOS));
        }
        List<Watermark> marks = new ArrayList<>();
        for (Policy policy : policies) {
            if (policy.watches(path)) {
                marks.addAll(Watermark.of(policy, this::limit));
            }
        }
        return new Subject(
                path,
                measured,
                marks,
                stands.stream().map(stand -> stand.policy.name()).toList(),
                Optional.ofNullable(course));
    }

    private double limit(Signal signal) {
        return LEVELS.contains(signal) && signal != Signal.USAGE && id != NOT_SEEN ? level(signal) : Double.NaN;
    }

    private double measured(Measure measure, double ranSeconds) {
        return switch (measure) {
            case AGENT_ASKED -> host ? Double.NaN : (double) askedPages * pageSize;
            case AGENT_GOT -> host ? Double.NaN : (double) gotPages * pageSize;
            case PSI_SOME_SHARE -> share(counted(Measure.PSI_SOME), ranSeconds);
            case PSI_FULL_SHARE -> share(counted(Measure.PSI_FULL), ranSeconds);
            case NEAR_LIMIT -> Double.isFinite(level(Signal.LIMIT)) && knownSeconds > 0 ? nearSeconds : Double.NaN;
            case MEAN_USAGE -> share(usageSeconds, knownSeconds);
            case PEAK_USAGE -> peak;
            default -> counted(measure);
        };
    }

    private double counted(Measure measure) {
        int slot = READ.slot(measure.counter().orElseThrow());
        return id == NOT_SEEN ? Double.NaN : past[slot] + values[slot];
    }

    private static double share(double part, double whole) {
        return whole > 0 ? part / whole : Double.NaN;
    }
}
