package dev.tidemark.testkit;

import dev.tidemark.config.Scenario;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes runs for tests that cannot say beforehand which; the extension closes them all after the test. <b>Thread:</b> that of the test.
 */
public final class Runs implements AutoCloseable {

    private final @Nullable Scenario scenario;
    private final List<Run> runs = new ArrayList<>();

    Runs(@Nullable Scenario scenario) {
        this.scenario = scenario;
    }

    /** A run of this scenario, once it is said with which policies. */
    public Run.Plan on(Scenario other) {
        return new Run.Plan(other, runs::add);
    }

    /**
     * A run of the test's scenario with these policies.
     *
     * @throws IllegalStateException when the test has no {@link OnScenario}
     */
    public Run with(Policies policies) {
        return on(own()).with(policies);
    }

    /**
     * A run of the test's scenario without an agent.
     *
     * @throws IllegalStateException when the test has no {@link OnScenario}
     */
    public Run withoutPolicies() {
        return on(own()).withoutPolicies();
    }

    private Scenario own() {
        if (scenario == null) {
            throw new IllegalStateException(
                    "the test has no scenario: annotate it with @OnScenario, or say runs.on(scenario) first");
        }
        return scenario;
    }

    @Override
    public void close() {
        runs.forEach(Run::close);
    }
}
