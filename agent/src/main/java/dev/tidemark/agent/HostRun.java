package dev.tidemark.agent;

import dev.tidemark.config.PolicyFile;
import dev.tidemark.reclaim.cgroup2.Cgroup2Controller;
import dev.tidemark.reclaim.cgroup2.Cgroup2Options;
import dev.tidemark.reclaim.cgroup2.HostNeeds;
import dev.tidemark.triggers.TriggerEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/** The agent on this host, from its first look to SIGTERM. */
final class HostRun {

    /** Longest wait for writes that were cancelled; then they are left to the kernel, which ends them with the process. */
    private static final Duration DRAIN_AT_MOST = Duration.ofMillis(800);

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private final PolicyFile policies;
    private final @Nullable Path cgroupRoot;
    private final boolean dryRun;
    private final boolean verbose;
    private final LongFunction<String> wallClock = wallClock();

    HostRun(PolicyFile policies, @Nullable Path cgroupRoot, boolean dryRun, boolean verbose) {
        this.policies = policies;
        this.cgroupRoot = cgroupRoot;
        this.dryRun = dryRun;
        this.verbose = verbose;
    }

    /** Blocks until the agent is told to end, or fails; tells the exit status. */
    @SuppressWarnings("ClosingStandardOutputStreams") // closing the log writes what waits, and leaves its stream open
    int run() throws IOException, InterruptedException {
        boolean hugePagesDisabled = TransparentHugePages.disable();
        AgentSchedulers schedulers =
                AgentSchedulers.threads(policies.workqueue().workers());
        Termination termination = Termination.onSignal();
        boolean ended = false;
        int status;
        try (EventLog log = new EventLog(System.err);
                Cgroup2Controller controller = Cgroup2Controller.open(options(schedulers), needs())) {
            if (!hugePagesDisabled) {
                say(
                        log,
                        "warning: huge pages cannot be turned off for the agent: khugepaged may hold it up for some 100 ms");
            }
            new Rehearsal(controller, schedulers, policies.workqueue().workers(), line -> say(log, line)).play();
            termination.begun();
            Agent agent = new Agent(policies, controller, schedulers, ChargeFeed.NONE, line -> say(log, line));
            Disposable narration = narrate(agent, log, new Narrator(wallClock, controller.pageSize()), termination);
            status = termination.await();
            Figures.Report report = end(agent, schedulers);
            narration.dispose();
            System.out.println(report.told());
            System.out.println(report.summary());
            System.out.flush();
            ended = true;
        } finally {
            schedulers.dispose();
            if (!ended) {
                termination.withdraw();
            }
        }
        termination.finished();
        return status;
    }

    private Disposable narrate(Agent agent, EventLog log, Narrator narrator, Termination termination) {
        Disposable.Composite narration = Disposables.composite();
        narration.add(agent.decisions().subscribe(decision -> log.line(() -> narrator.tell(decision))));
        narration.add(agent.reclaims()
                .filter(event -> verbose || Narrator.isNotable(event))
                .subscribe(event -> log.line(() -> narrator.tell(event))));
        narration.add(agent.failure().subscribe(nothing -> {}, error -> {
            say(log, "failed: cgroups cannot be watched any more: " + error.getMessage());
            termination.request(ExitStatus.FAILED);
        }));
        narration.add(agent.start().subscribe(cgroups -> say(log, ready(cgroups))));
        return narration;
    }

    private static Figures.Report end(Agent agent, AgentSchedulers schedulers) {
        return agent.stop()
                .timeout(DRAIN_AT_MOST, Mono.empty(), schedulers.core())
                .then(agent.report())
                .blockOptional()
                .orElseThrow();
    }

    private Cgroup2Options options(AgentSchedulers schedulers) {
        return Cgroup2Options.of(schedulers.reclaim(), System::nanoTime)
                .withRoot(cgroupRoot)
                .withDryRun(dryRun);
    }

    private HostNeeds needs() {
        return HostNeeds.of(policies.policies(), TriggerEngine.signals(policies.policies()));
    }

    private String ready(int cgroups) {
        return "ready cgroups=" + cgroups + " policies=" + policies.policies().size() + (dryRun ? " dry_run=true" : "");
    }

    private void say(EventLog log, String line) {
        long now = System.nanoTime();
        log.line(() -> wallClock.apply(now) + ' ' + line);
    }

    /** The wall clock as it was at the start, carried on by the monotonic one: times in the log never go back. */
    private static LongFunction<String> wallClock() {
        long startNanos = System.nanoTime();
        Instant start = Instant.now();
        return nanos -> TIME.format(start.plusNanos(nanos - startNanos));
    }
}
