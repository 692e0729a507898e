package dev.tidemark.reclaim.model;

import dev.tidemark.config.Scenario;
import dev.tidemark.config.Scenario.CgroupSpec;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.Gfp;
import dev.tidemark.reclaim.ReclaimOptions;
import dev.tidemark.reclaim.ReclaimResult;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.SignalSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import reactor.test.scheduler.VirtualTimeScheduler;

/** A model under virtual time, and what tests ask of it. */
final class Run {

    static final int PROACTIVE = ReclaimOptions.MAY_SWAP | ReclaimOptions.PROACTIVE;

    final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    final MemoryModel model;

    Run(Scenarios scenarios) {
        this(scenarios.scenario());
    }

    Run(Scenario scenario) {
        model = MemoryModel.of(scenario, time);
    }

    static Run started(Scenarios scenarios) {
        Run run = new Run(scenarios);
        run.model.start();
        return run;
    }

    Run advance(Duration by) {
        time.advanceTimeBy(by);
        return this;
    }

    /** In steps, so that what happens at the same instant stays in order and properties can be looked at in between. */
    Run advance(Duration by, Duration step, Runnable look) {
        for (Duration t = Duration.ZERO; t.compareTo(by) < 0; t = t.plus(step)) {
            time.advanceTimeBy(step);
            look.run();
        }
        return this;
    }

    Cgroup cgroup(String path) {
        return model.cgroup(path).orElseThrow();
    }

    MemCgroup memcg(String path) {
        MemCgroup memcg = model.kernel().tree.at(path);
        if (memcg == null) {
            throw new AssertionError("no cgroup at " + path);
        }
        return memcg;
    }

    double value(String path, Signal signal) {
        double[] values = new double[1];
        try {
            model.read(cgroup(path), SignalSet.of(signal), values);
        } catch (CgroupGoneException e) {
            throw new AssertionError(e);
        }
        return values[0];
    }

    /** What has been answered, in order, after the time given. */
    ReclaimResult reclaim(String path, long pages, int options, int swappiness) {
        List<ReclaimResult> results = request(path, pages, options, swappiness);
        time.advanceTimeBy(Duration.ofSeconds(10));
        return results.get(0);
    }

    List<ReclaimResult> request(String path, long pages, int options, int swappiness) {
        List<ReclaimResult> results = new ArrayList<>();
        model.tryToFreeMemCgroupPages(cgroup(path), pages, Gfp.GFP_KERNEL, options, swappiness)
                .subscribe(results::add, Run::fail);
        return results;
    }

    static void fail(Throwable e) {
        throw new AssertionError(e);
    }

    Cgroup create(String path, long max) {
        return model.create(new CgroupSpec(path, max, Scenarios.MAX, 0, 0, Scenarios.MAX));
    }
}
