package dev.tidemark.agent.simulate;

import dev.tidemark.config.JsonText;
import dev.tidemark.config.Policy;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.reclaim.ReclaimEvent.Reason;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import dev.tidemark.reclaim.model.WorkloadReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All figures for programs, as docs/simulating.md describes them. What is unknown is left out. */
final class ReportJson {

    /** Of the form; it changes when a key goes or means something else. */
    static final int VERSION = 1;

    private final Plan plan;
    private final List<Column> columns;

    ReportJson(Plan plan, List<Column> columns) {
        this.plan = plan;
        this.columns = columns;
    }

    String text() {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("version", VERSION);
        root.put("scenario", plan.name());
        root.put("seed", plan.scenario().seed());
        root.put("duration_seconds", number(Table.seconds(plan.scenario().duration())));
        root.put("step_seconds", number(Table.seconds(plan.step())));
        root.put("columns", columns.stream().map(this::column).toList());
        return JsonText.of(root) + "\n";
    }

    private Map<String, Object> column(Column column) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("name", column.name());
        object.put(
                "policies",
                column.candidate().policies().map(PolicyFile::policies).orElse(List.of()).stream()
                        .map(Policy::name)
                        .toList());
        object.put("ran_seconds", number(Table.seconds(column.ran())));
        object.put("complete", column.complete());
        object.put("host", measures(column.host()));
        List<Map<String, Object>> cgroups = new ArrayList<>();
        for (Subject cgroup : column.cgroups()) {
            Map<String, Object> measured = new LinkedHashMap<>();
            measured.put("path", cgroup.path());
            measured.putAll(measures(cgroup));
            cgroups.add(measured);
        }
        object.put("cgroups", cgroups);
        List<Map<String, Object>> workloads = new ArrayList<>();
        for (int i = 0; i < column.workloads().size(); i++) {
            workloads.add(workload(i, column.workloads().get(i), column));
        }
        object.put("workloads", workloads);
        column.work().ifPresent(work -> {
            object.put("agent", work(work));
            object.put("never_started", work.neverStarted());
        });
        object.put("complaints", column.complaints());
        return object;
    }

    private static Map<String, Object> measures(Subject subject) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (Measure measure : Measure.values()) {
            double value = subject.measured(measure);
            if (!Double.isNaN(value)) {
                object.put(measure.key(), number(value));
            }
        }
        return object;
    }

    private Map<String, Object> workload(int index, WorkloadReport report, Column column) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("name", report.name());
        object.put("cgroup", report.cgroup());
        object.put("outcome", Table.outcome(report));
        double ran = Table.ran(report, column.ran());
        if (!Double.isNaN(ran)) {
            object.put("ran_seconds", number(ran));
        }
        object.put("waited_for_memory_seconds", number(Table.seconds(report.stalled())));
        object.put("waited_for_write_out_seconds", number(Table.seconds(report.throttled())));
        object.put("rounds", report.rounds());
        List<Map<String, Object>> steps = new ArrayList<>();
        for (int i = 0; i < report.steps().size(); i++) {
            Map<String, Object> step = new LinkedHashMap<>();
            step.put(
                    "step",
                    Table.told(plan.scenario().workloads().get(index).steps().get(i)));
            step.put("seconds", number(Table.seconds(report.steps().get(i))));
            steps.add(step);
        }
        object.put("steps", steps);
        return object;
    }

    private static Map<String, Object> work(Work work) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("decisions", work.decisions());
        object.put("starts", work.starts());
        object.put("writes", work.writes());
        object.put("eagain", work.ended(Outcome.AGAIN));
        object.put("cancelled", work.ended(Outcome.INTERRUPTED));
        object.put("refused", work.ended(Outcome.REFUSED));
        object.put("asked_bytes", number(work.askedBytes()));
        object.put("got_bytes", number(work.gotBytes()));
        object.put("writing_seconds", number(work.writingSeconds()));
        Map<String, Object> held = new LinkedHashMap<>();
        for (Reason reason : Reason.values()) {
            held.put(Table.lower(reason), work.held(reason));
        }
        object.put("held_back", held);
        return object;
    }

    /** Whole where it is whole, as a counter is. */
    private static Number number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1L << 53 ? (Number) (long) value : (Number) value;
    }
}
