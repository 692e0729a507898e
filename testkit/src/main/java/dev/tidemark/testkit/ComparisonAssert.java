package dev.tidemark.testkit;

import dev.tidemark.config.Unit;
import dev.tidemark.reclaim.model.WorkloadReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What can be said of a run beside another. */
public final class ComparisonAssert {

    private final Run run;
    private final String description;
    private final Run other;

    ComparisonAssert(Run run, String description, Run other) {
        if (run == other) {
            throw new IllegalArgumentException("a run is compared with another one, not with itself");
        }
        this.run = run;
        this.description = description;
        this.other = other;
    }

    /** Limits were hit less often, over all cgroups. */
    public ComparisonAssert hasFewerMaxEvents() {
        return fewer(Moment.Counter.MAX, "limits to be hit less often");
    }

    /** Fewer tasks were killed for lack of memory, over all cgroups. */
    public ComparisonAssert hasFewerKills() {
        return fewer(Moment.Counter.OOM_KILL, "fewer tasks to be killed for lack of memory");
    }

    /**
     * A counter of a cgroup is lower.
     *
     * @param signal as in expressions, such as {@code refault}
     */
    public ComparisonAssert hasLess(String signal, String path) {
        double own = run.read(path, signal);
        double others = other.read(path, signal);
        if (own >= others) {
            throw fails(
                    "less " + signal + " of " + path,
                    "it is " + Unit.COUNT.format(own) + " here and " + Unit.COUNT.format(others) + " there");
        }
        return this;
    }

    /** About one workload in both. */
    public WorkloadComparison workload(String name) {
        return new WorkloadComparison(name);
    }

    /** Everything happened at the same times with the same values: two runs of the same are the same. */
    public ComparisonAssert wentTheSame() {
        List<String> own = everything(run);
        List<String> others = everything(other);
        for (int i = 0; i < Math.max(own.size(), others.size()); i++) {
            String here = i < own.size() ? own.get(i) : "nothing more";
            String there = i < others.size() ? others.get(i) : "nothing more";
            if (!here.equals(there)) {
                throw fails("both to go the same", "first apart are\n  here   " + here + "\n  there  " + there);
            }
        }
        return this;
    }

    /** What can be said of a workload in two runs. */
    public final class WorkloadComparison {

        private final String name;

        private WorkloadComparison(String name) {
            this.name = name;
        }

        /**
         * It finished in both, here in no more than this share of the time it took there.
         *
         * @param share such as {@code 40%}; {@code 105%} for not noticeably slower
         */
        public ComparisonAssert tookAtMost(String share) {
            double ratio = ratio();
            if (ratio > Unit.RATIO.parse(share)) {
                throw fails("workload " + name + " to take at most " + share + " of the time", took(ratio));
            }
            return ComparisonAssert.this;
        }

        /**
         * It finished in both, here in no less than this share of the time it took there.
         *
         * @param share such as {@code 150%}
         */
        public ComparisonAssert tookAtLeast(String share) {
            double ratio = ratio();
            if (ratio < Unit.RATIO.parse(share)) {
                throw fails("workload " + name + " to take at least " + share + " of the time", took(ratio));
            }
            return ComparisonAssert.this;
        }

        /** The time it took here by the time it took there, for what cannot be said here. */
        public double ratio() {
            return (double) nanos(run) / nanos(other);
        }

        private long nanos(Run in) {
            WorkloadReport workload = in.workload(name);
            Duration took = Measures.took(workload)
                    .orElseThrow(() -> fails(
                            "workload " + name + " to finish in both",
                            Measures.unfinished(workload) + (in == run ? " here" : " there")));
            return took.toNanos();
        }

        private String took(double ratio) {
            return "it took %s here and %s there, %s"
                    .formatted(
                            Times.told(Duration.ofNanos(nanos(run))),
                            Times.told(Duration.ofNanos(nanos(other))),
                            Unit.RATIO.format(ratio));
        }
    }

    private ComparisonAssert fewer(Moment.Counter counter, String expecting) {
        long own = sum(run, counter);
        long others = sum(other, counter);
        if (own >= others) {
            throw fails(expecting, "it was " + Claims.times(own) + " here and " + Claims.times(others) + " there");
        }
        return this;
    }

    /** Of the topmost cgroups, whose counters have those below in them. */
    private static long sum(Run in, Moment.Counter counter) {
        return in.paths().stream()
                .filter(path -> in.paths().stream().noneMatch(above -> path.startsWith(above + "/")))
                .mapToLong(path -> in.track(path).count(counter))
                .sum();
    }

    private static List<String> everything(Run in) {
        List<String> all = new ArrayList<>();
        in.decisions().forEach(decision -> all.add(decision.nanos() + " ns: " + new Moment.Decided(decision).told()));
        in.reclaims().forEach(event -> all.add(event.toString()));
        all.addAll(in.everything());
        in.workloads().forEach(workload -> all.add(workload.toString()));
        return all;
    }

    private AssertionError fails(String expecting, String but) {
        return Failures.failure(run, description, expecting + ", compared to the " + other, but, other, moment -> true);
    }
}
