package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.config.Policy;
import dev.tidemark.config.Signal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A signal that policies read and this host does not have.
 *
 * @param reason why not and what would help, a clause that ends a sentence
 * @param policies that read it, in the order of the file; they cannot run
 */
public record LackingSignal(Signal signal, String reason, List<Policy> policies) {
    public LackingSignal {
        policies = List.copyOf(policies);
    }

    /** All of it in one sentence, for people. */
    public String message() {
        String names = policies.stream().map(Policy::name).collect(Collectors.joining(", "));
        return "signal " + signal + ": " + reason + "; this disables the "
                + (policies.size() == 1 ? "policy " : "policies ") + names;
    }

    /** The policies that cannot run, each once, in the order in which they are first named. */
    public static List<Policy> disabled(List<LackingSignal> lacking) {
        Set<Policy> disabled = new LinkedHashSet<>();
        lacking.forEach(lack -> disabled.addAll(lack.policies()));
        return new ArrayList<>(disabled);
    }
}
