package dev.tidemark.agent.simulate;

import dev.tidemark.config.Scenario;
import dev.tidemark.config.Scenario.Access;
import dev.tidemark.config.Scenario.CgroupSpec;
import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Scenario.WorkloadSpec;
import dev.tidemark.config.Unit;
import dev.tidemark.reclaim.ReclaimEvent.Reason;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import dev.tidemark.reclaim.model.WorkloadReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** The figures as people are told them: sections of rows, a cell a column. */
final class Table {

    private static final double NANOS = 1e9;

    /** @param title what it is about; {@code note} what is to be known of it */
    record Section(String title, String note, List<Row> rows) {
        Section {
            rows = List.copyOf(rows);
        }
    }

    record Row(String label, List<Cell> cells) {
        Row {
            cells = List.copyOf(cells);
        }
    }

    /** @param ratio to the first column; empty where there is nothing to compare */
    record Cell(String text, String ratio) {}

    private final Plan plan;
    private final List<Column> columns;
    private final List<Section> sections = new ArrayList<>();

    private Table(Plan plan, List<Column> columns) {
        this.plan = plan;
        this.columns = columns;
    }

    static List<Section> of(Plan plan, List<Column> columns) {
        return new Table(plan, columns).sections();
    }

    private List<Section> sections() {
        run();
        for (int i = 0; i < plan.cgroups().size(); i++) {
            CgroupSpec spec = plan.cgroups().get(i);
            int index = i;
            sections.add(new Section(
                    "cgroup " + spec.path(),
                    limits(spec),
                    measures(column -> column.cgroups().get(index))));
        }
        sections.add(new Section(
                "host", bytes(plan.scenario().host().memoryBytes()) + " of memory", measures(Column::host)));
        workloads();
        if (columns.stream().anyMatch(column -> column.work().isPresent())) {
            sections.add(new Section("agent", "", work()));
        }
        return sections;
    }

    private void run() {
        sections.add(new Section(
                "run", "", List.of(number("over after", Unit.DURATION, column -> seconds(column.ran())))));
    }

    private List<Row> measures(Function<Column, Subject> subject) {
        List<Row> rows = new ArrayList<>();
        for (Measure measure : Measure.values()) {
            ToDoubleFunction<Column> value = column -> subject.apply(column).measured(measure);
            boolean known = columns.stream().anyMatch(column -> !Double.isNaN(value.applyAsDouble(column)));
            boolean any = columns.stream().anyMatch(column -> value.applyAsDouble(column) > 0);
            if (known && (any || measure.always())) {
                rows.add(number(measure.label(), measure.unit(), value));
            }
        }
        return rows;
    }

    private void workloads() {
        Scenario scenario = plan.scenario();
        for (int i = 0; i < scenario.workloads().size(); i++) {
            WorkloadSpec spec = scenario.workloads().get(i);
            if (plan.cgroups().stream().noneMatch(cgroup -> cgroup.path().equals(spec.cgroup()))) {
                continue;
            }
            int index = i;
            Function<Column, WorkloadReport> report =
                    column -> column.workloads().get(index);
            List<Row> rows = new ArrayList<>();
            rows.add(words("outcome", column -> outcome(report.apply(column))));
            rows.add(number("ran for", Unit.DURATION, column -> ran(report.apply(column), column.ran())));
            rows.add(number(
                    "waited for memory",
                    Unit.DURATION,
                    column -> seconds(report.apply(column).stalled())));
            rows.add(number(
                    "waited for write-out",
                    Unit.DURATION,
                    column -> seconds(report.apply(column).throttled())));
            if (spec.repeat() > 1) {
                rows.add(number(
                        "rounds done",
                        Unit.COUNT,
                        column -> report.apply(column).rounds()));
            }
            for (int step = 0; step < spec.steps().size(); step++) {
                int at = step;
                rows.add(number(
                        (step + 1) + ". " + told(spec.steps().get(step)),
                        Unit.DURATION,
                        column -> seconds(report.apply(column).steps().get(at))));
            }
            sections.add(new Section("workload " + spec.name(), "in " + spec.cgroup(), rows));
        }
    }

    private List<Row> work() {
        List<Row> rows = new ArrayList<>();
        rows.add(done("decisions", Unit.COUNT, Work::decisions));
        rows.add(done("starts", Unit.COUNT, Work::starts));
        if (columns.stream()
                .flatMap(column -> column.work().stream())
                .anyMatch(work -> !work.neverStarted().isEmpty())) {
            rows.add(words(
                    "never started",
                    column -> column.work()
                            .map(work -> String.join(" ", work.neverStarted()))
                            .filter(names -> !names.isEmpty())
                            .orElse("-")));
        }
        rows.add(done("writes to memory.reclaim", Unit.COUNT, Work::writes));
        rows.add(done("  ended by EAGAIN", Unit.COUNT, work -> work.ended(Outcome.AGAIN)));
        rows.add(done("  cancelled", Unit.COUNT, work -> work.ended(Outcome.INTERRUPTED)));
        rows.add(done("  refused", Unit.COUNT, work -> work.ended(Outcome.REFUSED)));
        rows.add(done("asked for", Unit.BYTES, Work::askedBytes));
        rows.add(done("got", Unit.BYTES, Work::gotBytes));
        rows.add(done("time in writes", Unit.DURATION, Work::writingSeconds));
        for (Reason reason : Reason.values()) {
            ToDoubleFunction<Work> held = work -> work.held(reason);
            boolean any = columns.stream()
                    .flatMap(column -> column.work().stream())
                    .anyMatch(work -> held.applyAsDouble(work) > 0);
            if (any) {
                rows.add(done("held back: " + lower(reason), Unit.COUNT, held));
            }
        }
        return rows;
    }

    /** What an agent did is not compared with none. */
    private Row done(String label, Unit unit, ToDoubleFunction<Work> value) {
        return words(
                label,
                column -> column.work()
                        .map(work -> unit.format(value.applyAsDouble(work)))
                        .orElse("-"));
    }

    private Row words(String label, Function<Column, String> text) {
        return new Row(
                label,
                columns.stream().map(column -> new Cell(text.apply(column), "")).toList());
    }

    private Row number(String label, Unit unit, ToDoubleFunction<Column> value) {
        double base = value.applyAsDouble(columns.getFirst());
        List<Cell> cells = new ArrayList<>();
        for (Column column : columns) {
            double own = value.applyAsDouble(column);
            String text = Double.isNaN(own) ? "-" : unit.format(own);
            cells.add(new Cell(text, cells.isEmpty() ? "" : ratio(base, own)));
        }
        return new Row(label, cells);
    }

    /** How often the first column's value the own is. */
    static String ratio(double base, double own) {
        if (Double.isNaN(base) || Double.isNaN(own)) {
            return "";
        }
        if (base == own) {
            return "=";
        }
        if (base == 0) {
            return "from 0";
        }
        double ratio = own / base;
        if (ratio == 0) {
            return "\u00d70";
        }
        if (ratio < 0.005) {
            return "\u00d7<0.01";
        }
        return String.format(Locale.ROOT, ratio < 9.95 ? "\u00d7%.2f" : "\u00d7%.0f", ratio);
    }

    static String outcome(WorkloadReport report) {
        if (report.oomKilled()) {
            return "OOM killed";
        }
        if (report.ended().isPresent()) {
            return "ended";
        }
        return report.started().isPresent() ? "still running" : "not started";
    }

    /** Until its end, or the run's. */
    static double ran(WorkloadReport report, Duration end) {
        return report.started()
                .map(start -> seconds(report.ended().orElse(end).minus(start)))
                .orElse(Double.NaN);
    }

    static double seconds(Duration duration) {
        return duration.toNanos() / NANOS;
    }

    static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** What a step is, without what all steps of its kind have in common. */
    static String told(Step step) {
        return switch (step) {
            case Step.Write write -> "write " + write.file() + ", " + bytes(write.bytes());
            case Step.Append append -> "append " + append.file() + ", " + bytes(append.bytes());
            case Step.Sync sync -> "sync " + sync.file();
            case Step.Read read -> "read " + read.file() + told(read.access());
            case Step.Allocate allocate -> "allocate " + allocate.name() + ", " + bytes(allocate.bytes());
            case Step.Grow grow -> "grow " + grow.name() + ", " + bytes(grow.bytes());
            case Step.Touch touch -> "touch " + touch.name() + told(touch.access());
            case Step.Free free -> "free " + free.name();
            case Step.Remove remove -> "remove " + remove.file();
            case Step.Sleep sleep ->
                "sleep " + Unit.DURATION.format(seconds(sleep.least()))
                        + (sleep.least().equals(sleep.most())
                                ? ""
                                : " to " + Unit.DURATION.format(seconds(sleep.most())));
            case Step.Reclaim reclaim -> "reclaim " + reclaim.cgroup() + ", " + bytes(reclaim.bytes());
            case Step.Repeat repeat ->
                "repeat " + repeat.steps().size() + (repeat.steps().size() == 1 ? " step" : " steps")
                        + (repeat.times() == Integer.MAX_VALUE ? "" : times(repeat.times()));
        };
    }

    /** {@link Long#MAX_VALUE} is the kernel's {@code max}. */
    private static String bytes(long bytes) {
        return Unit.BYTES.format(bytes == Long.MAX_VALUE ? Double.POSITIVE_INFINITY : (double) bytes);
    }

    private static String told(Access access) {
        String window = access.windowBytes() == Access.WHOLE ? "" : ", " + bytes(access.windowBytes()) + " at a time";
        return window + times(access.times());
    }

    private static String times(int times) {
        return times == 1 ? "" : ", " + times + " times";
    }

    /** The limits that are set. */
    static String limits(CgroupSpec spec) {
        List<String> set = new ArrayList<>();
        limit(set, "max", spec.maxBytes(), Long.MAX_VALUE);
        limit(set, "high", spec.highBytes(), Long.MAX_VALUE);
        limit(set, "low", spec.lowBytes(), 0);
        limit(set, "min", spec.minBytes(), 0);
        limit(set, "swap.max", spec.swapMaxBytes(), Long.MAX_VALUE);
        return String.join(", ", set);
    }

    private static void limit(List<String> set, String name, long bytes, long none) {
        if (bytes != none) {
            set.add(name + " " + bytes(bytes));
        }
    }
}
