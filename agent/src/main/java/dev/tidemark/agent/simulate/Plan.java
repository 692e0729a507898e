package dev.tidemark.agent.simulate;

import dev.tidemark.config.CgroupGlob;
import dev.tidemark.config.Scenario;
import dev.tidemark.config.Scenario.CgroupSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What is to be run and what is wanted of it.
 *
 * @param name how the scenario is called
 * @param step how often levels are looked at, at least 1 us
 * @param only cgroups to tell of; empty for all. All take part
 * @param plotted whether what there was over time is wanted
 */
public record Plan(String name, Scenario scenario, Duration step, Optional<CgroupGlob> only, boolean plotted) {

    private static final long LOOKS = 5_000;
    private static final Duration SHORTEST_DEFAULT = Duration.ofMillis(1);
    private static final Duration LONGEST_DEFAULT = Duration.ofSeconds(10);

    public Plan {
        if (step.compareTo(Duration.ofNanos(1_000)) < 0) {
            throw new IllegalArgumentException("a step is at least 1us but was " + step);
        }
    }

    /** Some 5,000 looks, in a round step of 1 ms to 10 s. */
    public static Duration defaultStep(Scenario scenario) {
        Duration wanted = scenario.duration().dividedBy(LOOKS);
        Duration step = LONGEST_DEFAULT;
        for (long millis : new long[] {5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5, 2, 1}) {
            if (step.compareTo(wanted) <= 0) {
                return step;
            }
            step = Duration.ofMillis(millis);
        }
        return SHORTEST_DEFAULT;
    }

    /** The cgroups to tell of, in the scenario's order. */
    List<CgroupSpec> cgroups() {
        return scenario.cgroups().stream()
                .filter(spec -> only.isEmpty() || only.get().matches(spec.path()))
                .toList();
    }
}
