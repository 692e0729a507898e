package dev.tidemark.reclaim;

import dev.tidemark.config.Policy;
import dev.tidemark.config.Reclaim;
import dev.tidemark.config.Signal;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Sample;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Has what a cgroup writes written to disk early, so that reclaim finds clean pages.
 *
 * <p>Reclaim on behalf of a cgroup cannot write file pages: it passes dirty ones over and at best wakes the flushers, and
 * kernels before 6.14 with MGLRU do not even that. A writer that is faster than its disk then runs into its limit over pages
 * nobody may take. So where a policy asks for it, writeback is started each time usage has grown by so much, before there
 * is anything to reclaim. Growth stands for dirt: usage can be read each millisecond, file_dirty cannot.
 *
 * <p><b>Thread:</b> confined to the core thread. <b>Back-pressure:</b> one start a cgroup and a bounded number at all are
 * under way at once; growth that could not be served is served with a later sample. <b>Time:</b> none. <b>Failure:</b> counted
 * in the results.
 */
public final class WritebackStarter {

    private List<Policy> policies;
    private final MemoryController controller;
    private final Scheduler core;
    private final int mostAtOnce;
    private final Consumer<WritebackResult> results;
    private final Map<Cgroup, Growth> growths = new HashMap<>();
    private int underWay;

    /**
     * Makes one for these policies; those that do not ask for writeback are none of its business.
     *
     * @param mostAtOnce starts of writeback under way at once, each on a thread of the controller
     * @param results told on the core thread
     */
    public WritebackStarter(
            List<Policy> policies,
            MemoryController controller,
            Scheduler core,
            int mostAtOnce,
            Consumer<WritebackResult> results) {
        this.policies = List.copyOf(policies);
        this.controller = controller;
        this.core = core;
        this.mostAtOnce = mostAtOnce;
        this.results = results;
    }

    /** Minds this cgroup from now on, if a policy that is for it asks for writeback: the smallest growth counts. */
    public void appeared(Cgroup cgroup) {
        step(cgroup).ifPresent(bytes -> growths.put(cgroup, new Growth(bytes)));
    }

    /**
     * Goes by these policies from now on; growth that has been seen still counts.
     *
     * @param cgroups all that are there
     */
    public void reload(List<Policy> newPolicies, Collection<Cgroup> cgroups) {
        policies = List.copyOf(newPolicies);
        for (Cgroup cgroup : cgroups) {
            OptionalLong step = step(cgroup);
            if (step.isPresent()) {
                growths.computeIfAbsent(cgroup, _ -> new Growth(step.getAsLong())).stepBytes = step.getAsLong();
            } else {
                growths.remove(cgroup);
            }
        }
    }

    private OptionalLong step(Cgroup cgroup) {
        return policies.stream()
                .filter(policy -> policy.selects(cgroup.path()))
                .flatMap(policy -> policy.reclaim().stream())
                .mapToLong(Reclaim::writebackBytes)
                .filter(bytes -> bytes != Reclaim.NO_WRITEBACK)
                .min();
    }

    /** Lets go of a cgroup. */
    public void gone(Cgroup cgroup) {
        growths.remove(cgroup);
    }

    /** Takes a sample: usage may have grown enough. */
    public void sampled(Sample sample) {
        Growth growth = growths.get(sample.cgroup());
        double usage = sample.value(Signal.USAGE);
        if (growth == null || Double.isNaN(usage)) {
            return;
        }
        // What is there at the first look is old, and what has gone has been written.
        if (!(growth.fromBytes <= usage)) {
            growth.fromBytes = usage;
        }
        if (usage - growth.fromBytes >= growth.stepBytes && !growth.underWay && underWay < mostAtOnce) {
            growth.fromBytes = usage;
            start(sample.cgroup(), growth);
        }
    }

    private void start(Cgroup cgroup, Growth growth) {
        growth.underWay = true;
        underWay++;
        controller
                .startWriteback(cgroup, growth.foundNone ? growth.stepBytes : MemoryController.LOOK_ANYWAY)
                .onErrorResume(failure -> Mono.just(failed()))
                .publishOn(core)
                .doOnTerminate(() -> {
                    growth.underWay = false;
                    underWay--;
                })
                .doOnNext(result -> growth.foundNone = result.files() + result.failed() == 0)
                .subscribe(results);
    }

    private WritebackResult failed() {
        long now = core.now(TimeUnit.NANOSECONDS);
        return new WritebackResult(0, 1, now, now);
    }

    /** How far usage has grown since writeback was last started. */
    private static final class Growth {
        long stepBytes;
        double fromBytes = Double.NaN;
        boolean underWay;

        /** Whether nothing was being written when last looked for: only then is what the kernel tells of dirt, late as it is, asked first. */
        boolean foundNone;

        Growth(long stepBytes) {
            this.stepBytes = stepBytes;
        }
    }
}
