package dev.tidemark.agent;

import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.reclaim.Gfp;
import dev.tidemark.reclaim.ReclaimOptions;
import dev.tidemark.reclaim.ReclaimResult;
import dev.tidemark.reclaim.cgroup2.Cgroup2Controller;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import reactor.core.publisher.Flux;

/**
 * Goes the whole way from a sample to a write before the first one matters, on the model and then on the host asking for
 * nothing: code that has never run is loaded and interpreted, and the first burst would be over by then.
 */
final class Rehearsal {

    private static final Duration STEP = Duration.ofMillis(100);

    /** More than the invocations after which the JVM compiles a method (Tier3InvocationThreshold, 200). */
    private static final int REQUESTS = 250;

    /** A narrow band, so that the bundled workload crosses it about as often. */
    private static final String POLICY = """
            version: 1
            policies:
              - name: rehearsal
                cgroups: ["**"]
                period: 20ms
                start: usage > 16MiB
                stop: usage < 15.25MiB
                reclaim: { batch: 256KiB, writeback: 2MiB }
            """;

    private Rehearsal() {}

    /** Blocks for about as long as the JVM took to start. */
    static void play(Cgroup2Controller controller, AgentSchedulers schedulers, int workers, Consumer<String> complaints)
            throws IOException {
        ModelHost model = ModelHost.withAgent(Bundled.scenario(), policies(), complaints);
        Narrator narrator = new Narrator(ModelRun::virtualTime, Bundled.MODEL_PAGE_SIZE);
        model.agent().ifPresent(agent -> agent.decisions().subscribe(narrator::tell));
        model.start();
        boolean more = true;
        while (more) {
            more = model.advance(STEP);
        }
        model.end();
        onHost(controller, schedulers, workers)
                .ifPresent(reason -> complaints.accept(
                        "not rehearsed on this host, so that the first writes will be slower: " + reason));
    }

    /** Through the threads that will do it, all of them; why it was refused, if it was. */
    private static Optional<String> onHost(Cgroup2Controller controller, AgentSchedulers schedulers, int workers) {
        return Flux.range(0, REQUESTS)
                .flatMap(
                        request -> controller
                                .tryToFreeMemCgroupPages(
                                        controller.top(),
                                        0,
                                        Gfp.GFP_KERNEL,
                                        ReclaimOptions.MAY_SWAP | ReclaimOptions.PROACTIVE,
                                        -1)
                                .delayUntil(answer -> controller.rehearseWriteback()),
                        workers)
                .publishOn(schedulers.core())
                .filter(answer -> answer.outcome() == ReclaimResult.Outcome.REFUSED)
                .map(ReclaimResult::message)
                .collectList()
                .blockOptional()
                .flatMap(reasons -> reasons.stream().findFirst());
    }

    private static PolicyFile policies() {
        return switch (PolicyFile.parse("rehearsal", POLICY, new HostMemory(1L << 30, Bundled.MODEL_PAGE_SIZE))) {
            case Checked.Valid<PolicyFile>(PolicyFile file) -> file;
            case Checked.Invalid<PolicyFile>(var problems) -> throw new IllegalStateException(problems.toString());
        };
    }
}
