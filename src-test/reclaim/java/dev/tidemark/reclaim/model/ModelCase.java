package dev.tidemark.reclaim.model;

import dev.tidemark.config.KernelSeries;
import dev.tidemark.config.Scenario.HostSpec;
import dev.tidemark.config.Scenario.Lru;
import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Scenario.SwapKind;
import dev.tidemark.config.Scenario.SwapSpec;
import dev.tidemark.support.Gen;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One random scenario over a small tree of cgroups, and how it is disturbed from outside.
 *
 * @param limits of memory.max by path, in pages
 * @param minShare the divisor that makes memory.min of memory.max; memory.low is four times as much
 * @param steps of each workload, one in each cgroup
 * @param disturbances one each 10 ms
 */
record ModelCase(
        long seed,
        KernelSeries kernel,
        Lru lru,
        SwapKind swapKind,
        long swapPages,
        List<Integer> limits,
        int minShare,
        List<Step> steps,
        List<Disturbance> disturbances) {

    static final List<String> PATHS = List.of("p", "p/a", "p/b", "p/b/c");
    /** A cgroup without workloads of its own, so that it can be removed and made again; it keeps what a workload left there. */
    static final String REMOVABLE = "p/r";

    private static final Gen<KernelSeries> KERNELS = Gen.of(KernelSeries.values());
    private static final Gen<Lru> LISTS = Gen.of(Lru.values());
    private static final Gen<SwapKind> SWAPS = Gen.of(SwapKind.values());
    private static final double RATIO = 3;
    private static final double POOL = 0.002;

    /** What is done to the model from outside. */
    sealed interface Disturbance {
        record Reclaim(String path, long pages, int swappiness) implements Disturbance {}

        record Max(String path, long pages) implements Disturbance {}

        record High(String path, long pages) implements Disturbance {}

        /** Made where it is missing, else removed. */
        record Remove() implements Disturbance {}

        record Nothing() implements Disturbance {}
    }

    static Gen<ModelCase> cases() {
        return (r, size) -> new ModelCase(
                r.nextLong(),
                KERNELS.next(r, size),
                LISTS.next(r, size),
                SWAPS.next(r, size),
                r.nextInt(3) * 512L,
                List.of(1024 + r.nextInt(4096), 512 + r.nextInt(4096), 256 + r.nextInt(4096), 256 + r.nextInt(2048)),
                4 << r.nextInt(3),
                Gen.lists(someSteps()).next(r, 2 + size / 5),
                Gen.lists(someDisturbances()).next(r, 2 + size / 2));
    }

    private static Gen<Step> someSteps() {
        Gen<Long> size = Gen.longs(1, 6 * Scenarios.MIB);
        return Gen.oneOf(
                (r, s) ->
                        new Step.Write("f" + r.nextInt(2), size.next(r, s), rate(r.nextInt(3)), 1 + r.nextInt(20_000)),
                (r, s) -> new Step.Read("f0", rate(r.nextInt(3)), 1 + r.nextInt(2)),
                (r, s) -> new Step.Allocate("x", size.next(r, s), rate(r.nextInt(3))),
                (r, s) -> new Step.Touch("first", rate(r.nextInt(3)), 1 + r.nextInt(2)),
                (r, s) -> new Step.Free("x"),
                (r, s) -> new Step.Remove("f1"),
                (r, s) -> new Step.Sleep(Duration.ofMillis(r.nextInt(20))));
    }

    private static Gen<Disturbance> someDisturbances() {
        Gen<String> path = Gen.oneOf(Gen.of(PATHS.toArray(String[]::new)), Gen.always("p"), Gen.always(""));
        Gen<String> limited = Gen.of(PATHS.toArray(String[]::new));
        Gen<Disturbance> reclaim =
                (r, s) -> new Disturbance.Reclaim(path.next(r, s), r.nextLong(2048), r.nextInt(-1, 202));
        return Gen.oneOf(
                reclaim,
                reclaim,
                (r, s) -> new Disturbance.Max(limited.next(r, s), 128 + r.nextLong(4096)),
                (r, s) -> new Disturbance.High(limited.next(r, s), 128 + r.nextLong(4096)),
                (r, s) -> new Disturbance.Remove(),
                (r, s) -> new Disturbance.Nothing());
    }

    private static double rate(int kind) {
        return kind == 0 ? Scenarios.FAST : kind * 40.0 * Scenarios.MIB;
    }

    HostSpec host() {
        SwapSpec swap =
                new SwapSpec(swapKind, swapPages * 4096, RATIO, SwapSpec.DEFAULT_OUT, SwapSpec.DEFAULT_IN, POOL);
        HostSpec standard = new HostSpec(256 * Scenarios.MIB, 2, 0);
        return new HostSpec(
                standard.memoryBytes(), standard.cpus(), swap, kernel, lru, standard.swappiness(), standard.disk());
    }

    /** Not started yet. */
    Run run() {
        Scenarios scenarios = Scenarios.host().host(host()).seed(seed);
        for (int i = 0; i < PATHS.size(); i++) {
            long max = limits.get(i) * 4096L;
            scenarios.cgroup(
                    PATHS.get(i),
                    max,
                    i == 2 ? max / 2 : Scenarios.MAX,
                    4 * max / minShare,
                    max / minShare,
                    Scenarios.MAX);
        }
        scenarios.cgroup(REMOVABLE, Scenarios.MAX);
        scenarios.run(REMOVABLE, "r", new Step.Write("left", 1_000_000, Scenarios.FAST, 4096));
        for (String path : PATHS) {
            List<Step> all = new ArrayList<>();
            all.add(new Step.Write("f0", 100_000, Scenarios.FAST, 4096));
            all.add(new Step.Allocate("first", 200_000, Scenarios.FAST));
            all.addAll(steps);
            scenarios.run(path, "w" + path, all.toArray(Step[]::new));
        }
        return new Run(scenarios);
    }

    /** Does what is to be done at that step, if anything. */
    void disturb(Run run, int step) {
        switch (step < disturbances.size() ? disturbances.get(step) : new Disturbance.Nothing()) {
            case Disturbance.Reclaim reclaim ->
                run.request(reclaim.path(), reclaim.pages(), Run.PROACTIVE, reclaim.swappiness());
            case Disturbance.Max max ->
                run.model.writeMax(run.cgroup(max.path()), max.pages() * 4096).subscribe();
            case Disturbance.High high ->
                run.model
                        .writeHigh(run.cgroup(high.path()), high.pages() * 4096)
                        .subscribe();
            case Disturbance.Remove() -> {
                if (run.model.kernel().tree.at(REMOVABLE) == null) {
                    run.create(REMOVABLE, Scenarios.MAX);
                } else if (run.memcg(REMOVABLE).tasks == 0) {
                    run.model.remove(run.cgroup(REMOVABLE));
                }
            }
            case Disturbance.Nothing() -> {}
        }
    }
}
