package dev.tidemark.triggers;

import dev.tidemark.config.Policy;
import dev.tidemark.config.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import reactor.test.scheduler.VirtualTimeScheduler;

/** An engine in virtual time, and what it decided. */
final class Rig {

    static final Cgroup CGROUP = new Cgroup(7, "batch/job");
    static final double MIB = 1 << 20;

    final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    final List<String> told = new ArrayList<>();
    final List<Decision> decisions = new ArrayList<>();
    final List<Throwable> failures = new ArrayList<>();
    final TriggerEngine engine;
    final Policy policy;

    /** Whether what is told names the cgroup, by the last part of its path. */
    boolean named;

    Rig(Policy... policies) {
        policy = policies[0];
        engine = new TriggerEngine(Arrays.asList(policies), time, (_, failure) -> failures.add(failure));
        engine.decisions().subscribe(decision -> {
            decisions.add(decision);
            String path = decision.cgroup().path();
            String name = named ? " " + path.substring(path.lastIndexOf('/') + 1) : "";
            told.add(TimeUnit.NANOSECONDS.toMicros(decision.nanos()) / 1000.0 + name + " " + decision.from() + ">"
                    + decision.to() + " " + decision.cause());
        });
        engine.appeared(CGROUP);
    }

    /** A sample of one signal, now. */
    Rig see(Signal signal, double value) {
        return see(CGROUP, Map.of(signal, value));
    }

    Rig see(Cgroup cgroup, Map<Signal, Double> values) {
        SignalSet signals = SignalSet.of(values.keySet());
        double[] array = new double[signals.size()];
        values.forEach((signal, value) -> array[signals.slot(signal)] = value);
        engine.sample(new Sample(cgroup, now(), signals, array));
        return this;
    }

    /** Usage in MiB, now. */
    Rig usage(double mib) {
        return see(Signal.USAGE, mib * MIB);
    }

    /** The same sample each period, the first after one period, for so many milliseconds. */
    Rig keep(Signal signal, double value, long periodMillis, long forMillis) {
        for (long at = 0; at < forMillis; at += periodMillis) {
            sleep(periodMillis);
            see(signal, value);
        }
        return this;
    }

    Rig sleep(long millis) {
        time.advanceTimeBy(Duration.ofMillis(millis));
        return this;
    }

    Rig sleepNanos(long nanos) {
        time.advanceTimeBy(Duration.ofNanos(nanos));
        return this;
    }

    Rig drained() {
        engine.drained(CGROUP, policy);
        return this;
    }

    long now() {
        return time.now(TimeUnit.NANOSECONDS);
    }

    TriggerState state() {
        return engine.state(CGROUP, policy);
    }
}
