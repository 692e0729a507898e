package dev.tidemark.agent;

import dev.tidemark.config.PolicyFile;
import dev.tidemark.reclaim.LimitJournal;
import dev.tidemark.reclaim.LimitRestorer;
import dev.tidemark.reclaim.cgroup2.Cgroup2Controller;
import dev.tidemark.reclaim.cgroup2.Cgroup2Options;
import dev.tidemark.reclaim.cgroup2.HostLacksException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** The agent on this host, from its first look to SIGTERM. */
final class HostRun {

    /**
     * Longest wait for writes that were cancelled and for values to be put back. Then the writes are left to the kernel, which ends them
     * with the process, and the values to the next start.
     */
    private static final Duration DRAIN_AT_MOST = Duration.ofMillis(1_200);

    private static final Duration LEARNT_EVERY = Duration.ofMinutes(1);

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private final RunOptions options;
    private final Hangup hangup;
    private final LongFunction<String> wallClock = wallClock();

    /** @param hangup asks for the policies to be read again */
    HostRun(RunOptions options, Hangup hangup) {
        this.options = options;
        this.hangup = hangup;
    }

    /**
     * Blocks until the agent is told to end, or fails; tells the exit status.
     *
     * @throws HostLacksException when nothing could be done here
     */
    @SuppressWarnings("ClosingStandardOutputStreams") // closing the log writes what waits, and leaves its stream open
    int run() throws IOException, InterruptedException {
        boolean hugePagesDisabled = TransparentHugePages.disable();
        AgentSchedulers schedulers =
                AgentSchedulers.threads(options.policies().workqueue().workers());
        Termination termination = Termination.onSignal();
        boolean ended = false;
        int status;
        try (EventLog log = new EventLog(System.err)) {
            if (!hugePagesDisabled) {
                say(
                        log,
                        "warning: huge pages cannot be turned off for the agent: khugepaged may hold it up for some 100 ms");
            }
            status = run(schedulers, termination, log);
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

    private int run(AgentSchedulers schedulers, Termination termination, EventLog log)
            throws IOException, InterruptedException {
        try (Kept kept = kept(schedulers, log)) {
            return run(schedulers, termination, log, kept);
        }
    }

    private int run(AgentSchedulers schedulers, Termination termination, EventLog log, Kept kept)
            throws IOException, InterruptedException {
        Cgroup2Options cgroup2 = cgroup2(schedulers, log);
        HostPolicies host = new HostPolicies(cgroup2, kept.lack());
        HostPolicies.Fit fit = host.fit(options.policies());
        PolicyFile policies = fit.file();
        options.warnings().forEach(warning -> say(log, warning));
        fit.told().forEach(lack -> say(log, "warning: " + lack));
        try (SocketFile socket = socket(log);
                Cgroup2Controller controller =
                        Cgroup2Controller.open(cgroup2, HostPolicies.needs(policies.policies()))) {
            // Writes and starts of writeback; those that replace what is stuck come when it is.
            controller
                    .settleWriters(2 * options.policies().workqueue().workers())
                    .block();
            // Before anything else: whoever was throttled waits for it.
            List<LimitJournal.Entry> leftBehind = restored(kept.file(), controller, schedulers, log);
            new Rehearsal(controller, schedulers, policies.workqueue().workers(), line -> say(log, line)).play();
            termination.begun();
            Agent agent = new Agent(
                    policies,
                    controller,
                    schedulers,
                    ChargeFeed.NONE,
                    kept.journal(),
                    leftBehind,
                    line -> say(log, line));
            Disposable keeping = kept.keepLearnt(agent, schedulers.state());
            Disposable narration = narrate(agent, policies, log, controller, termination);
            int status;
            try (Operation _ = new Operation(
                    options,
                    agent,
                    host.check(options.file().toString(), options.memory(), controller),
                    hangup,
                    socket,
                    schedulers.control(),
                    line -> say(log, line))) {
                status = termination.await();
            }
            keeping.dispose();
            Figures.Report report = end(agent, kept, controller, schedulers);
            narration.dispose();
            System.out.println(report.told());
            System.out.println(report.summary());
            System.out.flush();
            return status;
        }
    }

    private Disposable narrate(
            Agent agent, PolicyFile policies, EventLog log, Cgroup2Controller controller, Termination termination) {
        Narrator narrator = new Narrator(wallClock, controller.pageSize());
        Disposable.Composite narration = Disposables.composite();
        narration.add(agent.decisions().subscribe(decision -> log.line(() -> narrator.tell(decision))));
        narration.add(agent.reclaims()
                .filter(event -> options.verbose() || Narrator.isNotable(event))
                .subscribe(event -> log.line(() -> narrator.tell(event))));
        narration.add(agent.limits().subscribe(event -> log.line(() -> narrator.tell(event))));
        narration.add(agent.failure().subscribe(nothing -> {}, error -> {
            say(log, "failed: cgroups cannot be watched any more: " + error.getMessage());
            termination.request(ExitStatus.FAILED);
        }));
        narration.add(agent.start().subscribe(cgroups -> say(log, ready(cgroups, policies))));
        return narration;
    }

    /**
     * Where something can be kept that outlives the agent.
     *
     * @param file null where nothing can be, or need be
     * @param lack why nothing can be
     */
    private record Kept(@Nullable StateFile file, Optional<String> lack) implements AutoCloseable {

        LimitJournal journal() {
            return file == null ? LimitJournal.NONE : file;
        }

        /** Hands what was learnt to the agent, and keeps what it learns each minute until disposed. */
        Disposable keepLearnt(Agent agent, Scheduler scheduler) {
            if (file == null) {
                return Disposables.disposed();
            }
            agent.remember(file.learnt());
            return Flux.interval(LEARNT_EVERY, scheduler)
                    .onBackpressureDrop()
                    .concatMap(_ -> learntKept(agent))
                    .subscribe();
        }

        Mono<Void> learntKept(Agent agent) {
            // That it cannot be written, the file tells.
            return file == null
                    ? Mono.empty()
                    : agent.learnt().flatMap(file::keep).onErrorComplete();
        }

        @Override
        public void close() throws IOException {
            if (file != null) {
                file.close();
            }
        }
    }

    /** The default is a convenience as long as no policy needs it; what was asked for is not. */
    private Kept kept(AgentSchedulers schedulers, EventLog log) {
        if (options.dryRun()) {
            return new Kept(null, Optional.empty());
        }
        Path asked = options.state();
        Path path = asked == null ? StateFile.byDefault(System.getenv()) : asked;
        try {
            StateFile file = StateFile.take(
                    path, Cgroup2Controller.bootId(), new AtomicFile(), schedulers.state(), line -> say(log, line));
            return new Kept(file, Optional.empty());
        } catch (StateFile.TakenException e) {
            return without(asked, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return without(asked, "nothing can be kept in " + path + " (" + e + ")");
        }
    }

    private static Kept without(@Nullable Path asked, String why) {
        if (asked != null) {
            throw new HostLacksException(List.of(why));
        }
        return new Kept(null, Optional.of(why));
    }

    /** Puts back what an earlier agent has left behind; what could not be. Blocks. */
    private List<LimitJournal.Entry> restored(
            @Nullable StateFile file, Cgroup2Controller controller, AgentSchedulers schedulers, EventLog log) {
        if (file == null) {
            return List.of();
        }
        try {
            file.root(controller.top().id());
        } catch (IOException e) {
            throw new HostLacksException(List.of(e.getMessage()));
        }
        LimitRestorer.Result result = file.restored(new LimitRestorer(controller, schedulers.core()))
                .blockOptional()
                .orElseThrow();
        Narrator narrator = new Narrator(wallClock, controller.pageSize());
        result.events().forEach(event -> log.line(() -> narrator.tell(event)));
        return result.left();
    }

    private static Figures.Report end(
            Agent agent, Kept kept, Cgroup2Controller controller, AgentSchedulers schedulers) {
        return Mono.when(kept.learntKept(agent), agent.stop())
                .timeout(DRAIN_AT_MOST, Mono.empty(), schedulers.core())
                .then(agent.report(controller.counts().falsePushes()))
                .blockOptional()
                .orElseThrow();
    }

    private Cgroup2Options cgroup2(AgentSchedulers schedulers, EventLog log) {
        return Cgroup2Options.of(schedulers.reclaim(), System::nanoTime)
                .withRoot(options.cgroupRoot())
                .withDryRun(options.dryRun())
                .withReclaimCgroup(options.reclaimCgroup())
                .withNotices(line -> say(log, "warning: " + line));
    }

    /** Where the agent listens, or null where it does not: the default is a convenience, what was asked for is not. */
    private @Nullable SocketFile socket(EventLog log) {
        if (!options.listens()) {
            return null;
        }
        Path asked = options.socket();
        try {
            return SocketFile.take(asked == null ? SocketFile.byDefault(System.getenv()) : asked);
        } catch (SocketFile.TakenException e) {
            if (asked != null || !options.dryRun()) {
                throw new HostLacksException(List.of(e.getMessage()));
            }
            say(log, "warning: no socket: " + e.getMessage());
        } catch (IOException e) {
            if (asked != null) {
                throw new HostLacksException(List.of(asked + " cannot be a socket: " + e));
            }
            say(log, "warning: no socket, so explain --live cannot ask this agent: " + e);
        }
        return null;
    }

    private String ready(int cgroups, PolicyFile policies) {
        return "ready cgroups=" + cgroups + " policies=" + policies.policies().size()
                + (options.dryRun() ? " dry_run=true" : "");
    }

    private void say(EventLog log, String line) {
        long now = System.nanoTime();
        log.line(() -> wallClock.apply(now) + ' ' + line);
    }

    /** The wall clock as it was at the start, carried on by the monotonic one: times in the log never go back. */
    static LongFunction<String> wallClock() {
        long startNanos = System.nanoTime();
        Instant start = Instant.now();
        return nanos -> TIME.format(start.plusNanos(nanos - startNanos));
    }
}
