package dev.tidemark.agent;

import dev.tidemark.config.CgroupGlob;
import dev.tidemark.config.Policy;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Standing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Answers {@code /explain?policy=NAME&cgroup=GLOB}: where each policy stands with each cgroup, and what holds it back.
 *
 * <p><b>Thread:</b> the core makes one immutable {@link Standing} a task, so that nothing it has to do waits for more than that;
 * choosing and wording happen on the executor. <b>Back-pressure:</b> one after the other, {@value #MOST} at most.
 */
final class LiveExplain {

    static final int MOST = 200;

    private final Agent agent;
    private final Scheduler aside;

    private record Pair(Policy policy, Cgroup cgroup) {}

    /** @param aside where to choose and to word; not the core */
    LiveExplain(Agent agent, Executor aside) {
        this.agent = agent;
        this.aside = Schedulers.fromExecutor(aside);
    }

    /** An answer to any request. Never blocks. */
    Mono<SocketReply> answer(SocketRequest request) {
        if (!request.path().equals("/explain")) {
            return Mono.just(SocketReply.of(SocketReply.NOT_FOUND, "only /explain is answered here"));
        }
        Predicate<String> wanted;
        try {
            wanted = request.of("cgroup").map(LiveExplain::matching).orElse(_ -> true);
        } catch (IllegalArgumentException e) {
            return Mono.just(SocketReply.of(400, "cgroup: " + e.getMessage()));
        }
        return agent.view().publishOn(aside).flatMap(view -> explain(view, request.of("policy"), wanted));
    }

    private Mono<SocketReply> explain(Agent.View view, Optional<String> name, Predicate<String> wanted) {
        List<Policy> policies = view.policies().stream()
                .filter(policy -> name.isEmpty() || name.get().equals(policy.name()))
                .toList();
        if (policies.isEmpty()) {
            String known = view.policies().stream().map(Policy::name).collect(Collectors.joining(", "));
            return Mono.just(SocketReply.of(
                    SocketReply.NOT_FOUND, "no policy " + name.orElse("") + " runs; there are: " + known));
        }
        List<Pair> pairs = pairs(policies, view, wanted);
        if (pairs.isEmpty()) {
            return Mono.just(SocketReply.of(
                    SocketReply.NOT_FOUND,
                    "there is no such cgroup that " + (policies.size() == 1 ? "the policy is" : "a policy is")
                            + " for"));
        }
        return Flux.fromIterable(pairs)
                .take(MOST)
                .concatMap(pair -> agent.stand(pair.cgroup, pair.policy), 1)
                .collectList()
                .map(stands -> new SocketReply(SocketReply.OK, () -> text(stands, pairs.size() - MOST)));
    }

    private static List<Pair> pairs(List<Policy> policies, Agent.View view, Predicate<String> wanted) {
        List<Cgroup> cgroups = view.cgroups().stream()
                .filter(cgroup -> wanted.test(cgroup.path()))
                .sorted(Comparator.comparing(Cgroup::path))
                .toList();
        List<Pair> pairs = new ArrayList<>();
        for (Policy policy : policies) {
            for (Cgroup cgroup : cgroups) {
                if (policy.selects(cgroup.path()) || policy.watches(cgroup.path())) {
                    pairs.add(new Pair(policy, cgroup));
                }
            }
        }
        return pairs;
    }

    private static Predicate<String> matching(String pattern) {
        // The root, which no glob matches, can be asked for by its name.
        CgroupGlob glob = new CgroupGlob(pattern);
        return path -> path.equals(pattern) || glob.matches(path);
    }

    private static String text(List<Agent.Stand> stands, int more) {
        StringBuilder text = new StringBuilder();
        for (Agent.Stand stand : stands) {
            Standing standing = stand.standing();
            text.append(text.isEmpty() ? "" : "\n")
                    .append("policy ")
                    .append(standing.policy().name())
                    .append(" on cgroup ")
                    .append(named(standing.cgroup()))
                    .append('\n')
                    .append(stand.told());
        }
        if (more > 0) {
            text.append("\nand ").append(more).append(" more: narrow it down with --policy and --cgroup\n");
        }
        return text.toString();
    }

    private static String named(Cgroup cgroup) {
        return cgroup.path().isEmpty() ? "/" : cgroup.path();
    }
}
