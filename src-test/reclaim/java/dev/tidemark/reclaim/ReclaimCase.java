package dev.tidemark.reclaim;

import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ReclaimEvent.Held;
import dev.tidemark.reclaim.ReclaimEvent.Reason;
import dev.tidemark.reclaim.ReclaimEvent.Reclaimed;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.Sample;
import dev.tidemark.triggers.SignalSet;
import dev.tidemark.triggers.TriggerEngine;
import dev.tidemark.triggers.TriggerState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.test.scheduler.VirtualTimeScheduler;

/** The engine on a kernel that does as it is told, in virtual time. */
abstract class ReclaimCase {

    static final long MIB = 1 << 20;
    static final Cgroup A = new Cgroup(1, "a");
    static final Cgroup B = new Cgroup(2, "b");
    static final Cgroup C = new Cgroup(3, "c");

    final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    final FakeKernel kernel = new FakeKernel(time);
    final List<Decision> decisions = new ArrayList<>();
    final List<ReclaimEvent> events = new ArrayList<>();

    void advance(Duration duration) {
        time.advanceTimeBy(duration);
    }

    List<TriggerState> states() {
        return decisions.stream().map(Decision::to).toList();
    }

    List<Reclaimed> reclaimed() {
        return events.stream()
                .filter(Reclaimed.class::isInstance)
                .map(Reclaimed.class::cast)
                .toList();
    }

    List<Reason> held() {
        return events.stream()
                .filter(Held.class::isInstance)
                .map(event -> ((Held) event).reason())
                .toList();
    }

    /** START above 9 MiB in batches of 1 MiB, one worker, one place in the queue; the test says the rest. */
    Rig rig(String... lines) {
        return new Rig(parse(text(lines)));
    }

    static PolicyFile policies(String... lines) {
        return parse(text(lines));
    }

    private static String text(String... lines) {
        StringBuilder policy = new StringBuilder("""
                version: 1
                workqueue: {workers: 1, length: 1}
                policies:
                  - name: test
                    cgroups: ["*"]
                    start: usage > 9MiB
                """);
        List<String> all = new ArrayList<>(List.of(lines));
        if (all.stream().noneMatch(line -> line.startsWith("reclaim:"))) {
            all.add("reclaim: {batch: 1MiB}");
        }
        all.forEach(line -> policy.append("    ").append(line).append('\n'));
        return policy.toString();
    }

    static PolicyFile parse(String text) {
        return switch (PolicyFile.parse("test.yaml", text, new HostMemory(1L << 30, FakeKernel.PAGE))) {
            case Checked.Valid<PolicyFile>(PolicyFile file) -> file;
            case Checked.Invalid<PolicyFile>(var problems) ->
                throw new AssertionError(problems.getFirst().render());
        };
    }

    final class Rig {
        final TriggerEngine triggers;
        final ReclaimEngine engine;
        final Disposable events;

        Rig(PolicyFile file) {
            triggers = new TriggerEngine(file.policies(), time);
            engine = new ReclaimEngine(triggers, kernel, file, time);
            triggers.decisions().subscribe(decision -> {
                decisions.add(decision);
                engine.decided(decision);
            });
            this.events = engine.events().subscribe(ReclaimCase.this.events::add);
            List.of(A, B, C).forEach(triggers::appeared);
        }

        /** The workload makes usage this much, and it is seen. */
        void use(Cgroup cgroup, long bytes) {
            kernel.usage.put(cgroup, bytes);
            sample(cgroup, bytes);
        }

        void reload(PolicyFile file) {
            triggers.reload(file.policies());
            engine.reload(file);
        }

        /** Why the policy is held back from the cgroup now. */
        Optional<Reason> held(Cgroup cgroup) {
            return engine.held(cgroup, decisions.getLast().policy()).map(Held::reason);
        }

        /** Time goes by, and the cgroups are seen each second. */
        void pass(Duration duration, Cgroup... seen) {
            for (long second = 0; second < duration.toSeconds(); second++) {
                advance(Duration.ofSeconds(1));
                List.of(seen).forEach(cgroup -> sample(cgroup, kernel.usage.getOrDefault(cgroup, 0L)));
            }
        }

        void sample(Cgroup cgroup, long bytes) {
            Sample sample = new Sample(
                    cgroup, time.now(TimeUnit.NANOSECONDS), SignalSet.of(Signal.USAGE), new double[] {bytes});
            triggers.sample(sample);
            engine.sampled(sample);
        }
    }
}
