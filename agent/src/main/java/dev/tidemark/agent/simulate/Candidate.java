package dev.tidemark.agent.simulate;

import dev.tidemark.config.PolicyFile;
import java.util.Optional;

/**
 * What a column shows: the kernel by itself, or with an agent that runs these policies.
 *
 * @param name of the column, see {@link ColumnNames}
 * @param policies empty for no agent
 */
public record Candidate(String name, Optional<PolicyFile> policies) {

    /** What all others are compared with. */
    public static final Candidate WITHOUT = new Candidate("without", Optional.empty());

    /** With an agent. */
    public static Candidate with(String name, PolicyFile policies) {
        return new Candidate(name, Optional.of(policies));
    }
}
