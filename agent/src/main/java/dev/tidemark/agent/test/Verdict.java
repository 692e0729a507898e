package dev.tidemark.agent.test;

import dev.tidemark.config.PolicyTest;
import java.util.List;

/**
 * How a test has ended.
 *
 * @param failures none when it has passed
 */
public record Verdict(PolicyTest test, Seen seen, List<Failure> failures) {
    public Verdict {
        failures = List.copyOf(failures);
    }

    public boolean passed() {
        return failures.isEmpty();
    }
}
