package dev.tidemark.agent;

import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Scenario;
import dev.tidemark.config.Unit;
import dev.tidemark.reclaim.model.WorkloadReport;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;

/** The agent on the model, as fast as it goes, told with virtual times. */
final class ModelRun {

    private static final Duration STEP = Duration.ofMillis(100);

    private final Scenario scenario;
    private final PolicyFile policies;
    private final boolean verbose;
    private final PrintWriter out;
    private final PrintWriter err;

    ModelRun(Scenario scenario, PolicyFile policies, boolean verbose, CommandLine command) {
        this.scenario = scenario;
        this.policies = policies;
        this.verbose = verbose;
        this.out = command.getOut();
        this.err = command.getErr();
    }

    int run() {
        Simulation host = Simulation.withAgent(scenario, policies, err::println);
        Narrator narrator = new Narrator(ModelRun::virtualTime, host.model().pageSize());
        host.agent().ifPresent(agent -> {
            agent.decisions().subscribe(decision -> err.println(narrator.tell(decision)));
            agent.limits().subscribe(event -> err.println(narrator.tell(event)));
            agent.reclaims()
                    .filter(event -> verbose || Narrator.isNotable(event))
                    .subscribe(event -> err.println(narrator.tell(event)));
        });
        host.start();
        while (host.advance(STEP)) {
            err.flush();
        }
        host.views().forEach(view -> out.println(told(view)));
        host.workloads().forEach(workload -> out.println(told(workload)));
        host.end().ifPresent(report -> {
            out.println(report.told());
            out.println(report.summary());
        });
        err.flush();
        out.flush();
        return ExitStatus.OK;
    }

    static String virtualTime(long nanos) {
        return "+%.3fs".formatted(nanos / (double) TimeUnit.SECONDS.toNanos(1));
    }

    private static String told(Simulation.View view) {
        return "cgroup %s: %s used, %d max events, %d OOM kills"
                .formatted(view.path(), Unit.BYTES.format(view.usageBytes()), view.maxEvents(), view.oomKills());
    }

    private static String told(WorkloadReport workload) {
        String end = workload.oomKilled()
                ? "killed for lack of memory at " + seconds(workload.ended().orElse(Duration.ZERO))
                : workload.ended().map(ended -> "ended at " + seconds(ended)).orElse("still ran at the end");
        return "workload %s: %s, waited %s for memory and %s for dirty pages to be written"
                .formatted(workload.name(), end, seconds(workload.stalled()), seconds(workload.throttled()));
    }

    private static String seconds(Duration duration) {
        return Unit.DURATION.format(duration.toNanos() / (double) TimeUnit.SECONDS.toNanos(1));
    }
}
