package dev.tidemark.agent;

import dev.tidemark.agent.FaultyKernel.Member;
import dev.tidemark.agent.FaultyKernel.Mood;
import dev.tidemark.agent.FaultyKernel.Request;
import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.reclaim.model.VirtualTime;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.TriggerState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.Disposable;

/**
 * An agent for some minutes on a {@link FaultyKernel}, all by one seed, and what of its promises it broke.
 *
 * <ul>
 *   <li>A cgroup that is above the mark with nothing against it is asked again and again: the one on which nothing goes wrong
 *       within seconds, another within the longest time it may be left alone for what it did before.
 *   <li>No two requests are at one cgroup at once.
 *   <li>No more are in flight than there are workers, not counting as many that do not come back although cancelled.
 *   <li>What is not active is not asked.
 *   <li>When all is well again, the agent ends.
 * </ul>
 */
final class FaultRun {

    private static final int WORKERS = 2;
    private static final Duration DEADLINE = Duration.ofMillis(500);
    private static final long START = 160 * FaultyKernel.MIB;

    /** Some turns of all others, each for as long as one that is stuck holds a worker. */
    private static final Duration SOON = Duration.ofSeconds(15);

    /** The longest that a circuit stays open, and a turn. */
    private static final Duration LATE = Duration.ofSeconds(75);

    private static final String POLICIES = """
            version: 1
            workqueue: { workers: %d, length: 4 }
            policies:
              - name: fast
                cgroups: ["fast/*"]
                start: usage > 160MiB
                stop: usage < 128MiB
                limits: { deadline: 500ms }
              - name: fixed
                cgroups: ["fixed/*"]
                start: usage > 160MiB
                stop: usage < 128MiB
                reclaim: { law: fixed, batch: 4MiB }
                limits: { deadline: 500ms, bytes: 64MiB/s }
              - name: waits
                cgroups: ["waits/*"]
                start: usage > 160MiB for 2s
                stop: usage < 128MiB for 1s
                cooldown: 3s
                limits: { deadline: 500ms }
            """.formatted(WORKERS);

    private static final List<String> PATHS = List.of(
            "fast/a", "fast/b", "fast/c", "fast/d", "fixed/a", "fixed/b", "fixed/c", "waits/a", "waits/b", "waits/c");

    /**
     * What happened.
     *
     * @param broken promises that were broken, each with its time
     */
    record Outcome(long seed, long requests, long decisions, List<String> broken) {}

    private record Active(Cgroup cgroup, String policy) {}

    private final long seed;
    private final VirtualTime time = new VirtualTime();
    private final FaultyKernel kernel;
    private final Agent agent;
    private final List<String> broken = new ArrayList<>();
    private final Set<Active> active = new HashSet<>();
    private final Map<Cgroup, Long> above = new HashMap<>();
    private long requests;
    private long decisions;
    private long crowdedUntil;

    private FaultRun(long seed) {
        this.seed = seed;
        kernel = new FaultyKernel(time, new SplittableRandom(seed), PATHS, this::asked);
        agent = new Agent(policies(), kernel, AgentSchedulers.all(time), ChargeFeed.NONE, _ -> {});
    }

    /** Plays it; the same each time. */
    static Outcome of(long seed, Duration length) {
        return new FaultRun(seed).play(length);
    }

    private static PolicyFile policies() {
        return switch (PolicyFile.parse("faults", POLICIES, new HostMemory(1L << 40, FaultyKernel.PAGE))) {
            case Checked.Valid<PolicyFile>(PolicyFile file) -> file;
            case Checked.Invalid<PolicyFile>(List<?> problems) -> throw new IllegalStateException(problems.toString());
        };
    }

    private Outcome play(Duration length) {
        Disposable _ = agent.decisions().subscribe(this::decided);
        Disposable _ = agent.start().subscribe();
        for (long second = 0; second < length.toSeconds(); second++) {
            time.advance(Duration.ofSeconds(1));
            look();
        }
        kernel.calm();
        AtomicBoolean ended = new AtomicBoolean();
        Disposable _ =
                agent.stop().subscribe(nothing -> {}, error -> broke("ended with " + error), () -> ended.set(true));
        time.advance(LATE);
        if (!ended.get()) {
            broke("did not end, with " + kernel.inFlight().size() + " requests in flight");
        }
        return new Outcome(seed, requests, decisions, broken);
    }

    private void decided(Decision decision) {
        decisions++;
        Active one = new Active(decision.cgroup(), decision.policy().name());
        if (decision.to() == TriggerState.ACTIVE) {
            active.add(one);
        } else {
            active.remove(one);
        }
    }

    private void asked(Member member, long pages) {
        requests++;
        if (!isActive(member.cgroup)) {
            // The engine hears of a START before we do; by the end of the instant we have.
            Cgroup cgroup = member.cgroup;
            time.schedule(() -> {
                if (!isActive(cgroup)) {
                    broke("asked of " + cgroup + " though no policy is active on it");
                }
            });
        }
        long there = kernel.inFlight().stream()
                .filter(request -> request.cgroup.equals(member.cgroup))
                .count();
        if (there > 1) {
            broke(there + " requests at once at " + member);
        }
        if (pages < 1) {
            broke("asked " + member + " for " + pages + " pages");
        }
        int inAll = kernel.inFlight().size();
        long prompt = kernel.inFlight().stream()
                .filter(request -> now() - request.since < DEADLINE.toNanos())
                .count();
        if (prompt > WORKERS || inAll > 2 * WORKERS) {
            broke(inAll + " requests in flight, " + prompt + " of them before their deadline, for " + WORKERS
                    + " workers");
        }
    }

    private boolean isActive(Cgroup cgroup) {
        return active.stream().anyMatch(one -> one.cgroup.equals(cgroup));
    }

    private void look() {
        if (kernel.inFlight().stream().filter(this::isOverdue).count() >= WORKERS) {
            crowdedUntil = now();
        }
        for (Member member : kernel.members()) {
            boolean elevated = member.mood == Mood.GOOD && member.usage > START;
            if (!elevated) {
                above.remove(member.cgroup);
                continue;
            }
            long since = above.computeIfAbsent(member.cgroup, _ -> now());
            long alone = now() - Math.max(Math.max(since, member.goodSince), Math.max(member.askedAt, crowdedUntil));
            if (alone > (member.alwaysGood ? SOON : LATE).toNanos()) {
                broke(member + " is left alone for " + TimeUnit.NANOSECONDS.toSeconds(alone) + " s");
                above.remove(member.cgroup);
            }
        }
    }

    /** It holds a worker, or may: whoever waits then does so for a reason. */
    private boolean isOverdue(Request request) {
        return now() - request.since >= DEADLINE.toNanos();
    }

    private void broke(String what) {
        broken.add("%.3f s: %s".formatted(now() * 1e-9, what));
    }

    private long now() {
        return time.now(TimeUnit.NANOSECONDS);
    }
}
