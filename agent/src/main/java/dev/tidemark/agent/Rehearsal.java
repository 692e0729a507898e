package dev.tidemark.agent;

import static dev.tidemark.agent.Bundled.MODEL_PAGE_SIZE;

import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Scenario;
import dev.tidemark.reclaim.Gfp;
import dev.tidemark.reclaim.ReclaimOptions;
import dev.tidemark.reclaim.ReclaimResult;
import dev.tidemark.reclaim.cgroup2.Cgroup2Controller;
import dev.tidemark.reclaim.model.MemoryModel;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Goes the whole way from a sample to a write before the first one matters: code that has never run has to be loaded,
 * linked and interpreted, and the first burst would be over by then.
 *
 * <p>Three times, each for what the others cannot reach: on the model in virtual time, for many turns in little time; on
 * the model through the agent's own threads; and on the host through the port, asking the kernel for nothing.
 */
final class Rehearsal {

    private static final Duration STEP = Duration.ofMillis(100);

    /**
     * Longest that a turn in real time may take; on a host that slow, or with a kernel that does not return, the rest has to be learnt by
     * doing.
     */
    private static final Duration LONGEST = Duration.ofSeconds(5);

    /** More than the invocations after which the JVM compiles a method. */
    private static final int REQUESTS = 250;

    /** A narrow band, so that a workload crosses it often. */
    private static final String POLICY = """
            version: 1
            policies:
              - name: rehearsal
                cgroups: ["**"]
                period: 5ms
                start: usage > 16MiB
                stop: usage < 15.25MiB
                reclaim: { batch: 256KiB, writeback: 2MiB }
            """;

    /** Slow enough for a model in real time to keep up with. */
    private static final String SCENARIO = """
            version: 1
            duration: 2s
            host: { memory: 256MiB, cpus: 1, swap: 0 }
            cgroups:
              - { path: rehearsal, max: 32MiB, swap_max: 0 }
            workloads:
              - cgroup: rehearsal
                name: rehearsal
                steps:
                  - write: { file: data, size: 48MiB, rate: 64MiB/s, chunk: 4KiB }
            """;

    private final Cgroup2Controller controller;
    private final AgentSchedulers schedulers;
    private final int workers;
    private final Consumer<String> complaints;

    /**
     * A rehearsal for this host.
     *
     * @param workers writes that will be in flight at once
     * @param complaints takes a line when a part could not be rehearsed
     */
    Rehearsal(Cgroup2Controller controller, AgentSchedulers schedulers, int workers, Consumer<String> complaints) {
        this.controller = controller;
        this.schedulers = schedulers;
        this.workers = workers;
        this.complaints = complaints;
    }

    /** Blocks for two seconds or so. */
    void play() throws IOException {
        PolicyFile policies = valid(PolicyFile.parse("rehearsal", POLICY, new HostMemory(1L << 30, MODEL_PAGE_SIZE)));
        inVirtualTime(policies);
        inRealTime(policies);
        onHost().ifPresent(reason ->
                complaints.accept("not rehearsed on this host, so that the first writes will be slower: " + reason));
        // The models were most of the heap there will ever be; what they leave goes back to the host now.
        System.gc();
    }

    private void inVirtualTime(PolicyFile policies) throws IOException {
        Simulation model = Simulation.withAgent(Bundled.scenario(), policies, complaints);
        Narrator narrator = new Narrator(ModelRun::virtualTime, MODEL_PAGE_SIZE);
        model.agent().ifPresent(agent -> agent.decisions().subscribe(narrator::tell));
        model.start();
        boolean more = true;
        while (more) {
            more = model.advance(STEP);
        }
        model.end();
    }

    private void inRealTime(PolicyFile policies) {
        Scheduler kernel = Schedulers.newSingle(task -> new Thread(task, "tidemark-rehearsal"));
        try (MemoryModel model = MemoryModel.of(valid(Scenario.parse("rehearsal", SCENARIO)), kernel)) {
            Agent agent = new Agent(policies, model, schedulers, ChargeFeed.NONE, complaints);
            agent.start()
                    // Starting the model waits for what it is doing, which the core must not.
                    .publishOn(kernel)
                    .doOnNext(_ -> model.start())
                    .then(model.finished())
                    .timeout(LONGEST, Mono.empty(), schedulers.core())
                    .then(agent.stop().timeout(LONGEST, Mono.empty(), schedulers.core()))
                    .block();
        } finally {
            kernel.dispose();
        }
    }

    /** Through the threads that will do it, all of them; why it was refused or cut short, if it was. */
    private Optional<String> onHost() {
        List<ReclaimResult> answers = Flux.range(0, REQUESTS)
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
                .takeUntilOther(Mono.delay(LONGEST, schedulers.core()))
                .collectList()
                .blockOptional()
                .orElseThrow();
        if (answers.size() < REQUESTS) {
            return Optional.of("of %d requests for nothing %d had been answered after %d s"
                    .formatted(REQUESTS, answers.size(), LONGEST.toSeconds()));
        }
        return answers.stream()
                .filter(answer -> answer.outcome() == ReclaimResult.Outcome.REFUSED)
                .map(ReclaimResult::message)
                .findFirst();
    }

    private static <T> T valid(Checked<T> checked) {
        return switch (checked) {
            case Checked.Valid<T>(T value) -> value;
            case Checked.Invalid<T>(List<?> problems) -> throw new IllegalStateException(problems.toString());
        };
    }
}
