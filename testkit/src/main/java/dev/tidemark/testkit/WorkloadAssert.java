package dev.tidemark.testkit;

import dev.tidemark.config.Unit;
import dev.tidemark.reclaim.model.WorkloadReport;
import java.time.Duration;

/** What can be said of a workload of a run. */
public final class WorkloadAssert {

    private final Run run;
    private final WorkloadReport workload;
    private final Claims claims;

    WorkloadAssert(Run run, String description, String name) {
        this.run = run;
        this.workload = run.workload(name);
        String cgroup = workload.cgroup();
        claims = new Claims(run, description, "workload " + name, moment -> moment.isAbout(cgroup));
    }

    /** It did all its steps; how long that took, from its beginning on, is what follows, if anything. */
    public AmountAssert<WorkloadAssert> finished() {
        return new AmountAssert<>(
                this, claims, "to finish in", "it took", Unit.DURATION, Times.seconds(took("to finish")));
    }

    /** It did all its steps, in no more time than this from its beginning on. */
    public WorkloadAssert finishedWithin(String duration) {
        Duration took = took("to finish within " + duration);
        if (took.compareTo(Times.parse(duration)) > 0) {
            throw claims.fails("to finish within " + duration, "it took " + Times.told(took));
        }
        return this;
    }

    /** It neither ended nor was killed yet. */
    public WorkloadAssert stillRuns() {
        if (workload.started().isEmpty() || workload.ended().isPresent()) {
            throw claims.fails(
                    "still to run",
                    Measures.took(workload)
                            .map(took -> "it finished in " + Times.told(took))
                            .orElseGet(() -> Measures.unfinished(workload)));
        }
        return this;
    }

    /** The kernel killed it for lack of memory. */
    public WorkloadAssert wasKilled() {
        if (!workload.oomKilled()) {
            throw claims.fails("to be killed for lack of memory", "it was not");
        }
        return this;
    }

    /** The kernel did not kill it for lack of memory. */
    public WorkloadAssert wasNotKilled() {
        if (workload.oomKilled()) {
            throw claims.fails("not to be killed", Measures.unfinished(workload));
        }
        return this;
    }

    /** How long it waited for memory. */
    public AmountAssert<WorkloadAssert> waitedForMemory() {
        return waited("to wait for memory for", workload.stalled());
    }

    /** How long it waited for dirty pages to be written. */
    public AmountAssert<WorkloadAssert> waitedForWriteback() {
        return waited("to wait for writeback for", workload.throttled());
    }

    /**
     * It took longer than another workload of the same run, by this much or more.
     *
     * @param margin such as {@code 1s}
     */
    public Longer tookAtLeast(String margin) {
        Duration least = Times.parse(margin);
        return other -> {
            String expecting = "to take at least " + margin + " longer than workload " + other;
            Duration own = took(expecting);
            Duration others = new WorkloadAssert(run, claims.description(), other).took("to finish");
            if (own.minus(others).compareTo(least) < 0) {
                throw apart(expecting, own, others);
            }
            return this;
        };
    }

    /**
     * It took as long as another workload of the same run, give or take a share of that.
     *
     * @param other its name
     * @param share such as {@code 10%}
     */
    public WorkloadAssert tookAsLongAs(String other, String share) {
        String expecting = "to take as long as workload " + other + ", give or take " + share;
        Duration own = took(expecting);
        Duration others = new WorkloadAssert(run, claims.description(), other).took("to finish");
        double apart = Math.abs(own.toNanos() - others.toNanos());
        if (apart > Unit.RATIO.parse(share) * others.toNanos()) {
            throw apart(expecting, own, others);
        }
        return this;
    }

    /** The second half of a sentence about two workloads. */
    @FunctionalInterface
    public interface Longer {

        /** Than that other workload. */
        WorkloadAssert longerThan(String other);
    }

    private AssertionError apart(String expecting, Duration own, Duration others) {
        Claims both = new Claims(run, claims.description(), claims.subject(), moment -> true);
        return both.fails(expecting, "it took " + Times.told(own) + ", the other " + Times.told(others));
    }

    private Duration took(String expecting) {
        return Measures.took(workload).orElseThrow(() -> claims.fails(expecting, Measures.unfinished(workload)));
    }

    private AmountAssert<WorkloadAssert> waited(String expecting, Duration waited) {
        return new AmountAssert<>(this, claims, expecting, "it waited for", Unit.DURATION, Times.seconds(waited));
    }
}
