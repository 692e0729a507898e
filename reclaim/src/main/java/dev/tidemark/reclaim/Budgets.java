package dev.tidemark.reclaim;

import dev.tidemark.config.Budget;
import dev.tidemark.config.Policy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** The purses: one for each policy, over all its cgroups, and one for all policies. Confined to the core thread. */
final class Budgets {

    private final int pageSize;
    private final LongSupplier clock;
    private final Map<String, Purse> policies = new HashMap<>();
    private Purse agent;

    /** @param clock the core's, in nanoseconds */
    Budgets(Budget agent, int pageSize, LongSupplier clock) {
        this.pageSize = pageSize;
        this.clock = clock;
        this.agent = purse(agent, Purse.Owner.AGENT);
    }

    private Purse purse(Budget budget, Purse.Owner owner) {
        return new Purse(budget, owner, pageSize, clock.getAsLong());
    }

    /** That of all policies together. */
    Purse agent() {
        return agent;
    }

    Purse of(Policy policy) {
        return policies.computeIfAbsent(
                policy.name(), _ -> purse(policy.limits().budget(), Purse.Owner.POLICY));
    }

    /**
     * Goes by these budgets from now on. A purse whose budget is the same goes on: reloading must not fill it.
     *
     * @return who has waited for purses that are no more
     */
    List<Target> reload(Map<String, Policy> byName, Budget ofAgent) {
        if (!agent.isOf(ofAgent)) {
            agent = purse(ofAgent, Purse.Owner.AGENT);
        }
        List<Target> waited = new ArrayList<>();
        policies.entrySet().removeIf(entry -> {
            Policy policy = byName.get(entry.getKey());
            boolean stays =
                    policy != null && entry.getValue().isOf(policy.limits().budget());
            if (!stays) {
                waited.addAll(entry.getValue().next(Integer.MAX_VALUE));
            }
            return !stays;
        });
        return waited;
    }
}
