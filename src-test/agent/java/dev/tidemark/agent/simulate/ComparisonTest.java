package dev.tidemark.agent.simulate;

import static dev.tidemark.agent.simulate.Comparisons.LATE;
import static dev.tidemark.agent.simulate.Comparisons.SCENARIO;
import static dev.tidemark.agent.simulate.Comparisons.WATERMARK;
import static dev.tidemark.agent.simulate.Comparisons.candidate;
import static dev.tidemark.agent.simulate.Comparisons.compare;
import static dev.tidemark.agent.simulate.Comparisons.plan;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.agent.Simulation;
import dev.tidemark.config.CgroupGlob;
import dev.tidemark.config.Signal;
import dev.tidemark.config.Unit;
import dev.tidemark.reclaim.ReclaimEvent.Reclaimed;
import dev.tidemark.reclaim.model.WorkloadReport;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.SignalSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** What is told is what the model did. */
class ComparisonTest {

    @Test
    void neverStarts_isSaid() throws InterruptedException {
        String two = WATERMARK + """
                  - name: asleep
                    cgroups: ["app/*"]
                    start: usage > 99% of limit for 1h
                    stop: usage < 50% of limit
                """;
        Comparison both =
                compare(plan(SCENARIO, Duration.ofMillis(100)), 1, candidate("one", WATERMARK), candidate("two", two));

        assertThat(both.text(UnaryOperator.identity(), UnaryOperator.identity()))
                .containsPattern("(?m)^  never started +- +asleep$");
        assertThat(both.json()).contains("\"never_started\": [\"asleep\"]");
    }

    private static final Duration STEP = Duration.ofMillis(10);

    /** The same run, played and looked at by other means. */
    private static final class Reference {

        private final Simulation host;
        private final Map<String, Map<String, Double>> atEnd = new HashMap<>();
        private final Map<String, List<Double>> usage = new HashMap<>();
        private List<WorkloadReport> workloads = List.of();
        private double seconds;
        private long writes;
        private long decisions;
        private long askedPages;

        private double last(String path, String signal) {
            return atEnd.getOrDefault(path, Map.of()).getOrDefault(signal, Double.NaN);
        }

        private Reference(Simulation host) {
            this.host = host;
            host.model().finished().subscribe(_ -> {}, _ -> {}, this::end);
            host.decisions().filter(_ -> seconds == 0).subscribe(_ -> decisions++);
            host.reclaims().ofType(Reclaimed.class).filter(_ -> seconds == 0).subscribe(event -> {
                writes++;
                askedPages += event.askedPages();
            });
            host.start();
            while (host.advance(STEP)) {
                look();
            }
        }

        private void end() {
            seconds = host.now().toNanos() / 1e9;
            workloads = host.workloads();
            for (String path : List.of("app/writer", "app/leak", "")) {
                Map<String, Double> values = new HashMap<>();
                for (Signal signal : Signal.all()) {
                    values.put(signal.dotted(), read(path, signal));
                }
                atEnd.put(path, values);
            }
            look();
        }

        private void look() {
            for (String path : List.of("app/writer", "app/leak")) {
                usage.computeIfAbsent(path, _ -> new ArrayList<>()).add(read(path, Signal.USAGE));
            }
        }

        private double read(String path, Signal signal) {
            double[] value = new double[1];
            try {
                Cgroup cgroup = host.model().cgroup(path).orElseThrow();
                host.model().read(cgroup, SignalSet.of(signal), value);
            } catch (CgroupGoneException e) {
                throw new AssertionError(e);
            }
            return value[0];
        }
    }

    @Test
    void everyCounterIsTheModelsAtTheInstantTheWorkloadsEnd() throws InterruptedException {
        Comparison comparison = compare(plan(SCENARIO, STEP), 2, Candidate.WITHOUT, candidate("watermark", WATERMARK));
        Reference without = new Reference(Simulation.alone(Comparisons.scenario(SCENARIO)));
        Reference with = new Reference(Simulation.withAgent(
                Comparisons.scenario(SCENARIO),
                candidate("watermark", WATERMARK).policies().orElseThrow(),
                complaint -> {
                    throw new AssertionError(complaint);
                }));

        assertIsOf(without, comparison.columns().getFirst());
        assertIsOf(with, comparison.columns().getLast());
        assertThat(without.last("app/writer", "events.max"))
                .as("the scenario is one in which something happens")
                .isGreaterThan(10);
        assertThat(without.last("app/leak", "events.oom_kill")).isEqualTo(1);
        Work work = comparison.columns().getLast().work().orElseThrow();
        assertThat(work.writes()).isEqualTo(with.writes).isPositive();
        assertThat(work.decisions()).isEqualTo(with.decisions).isPositive();
        assertThat(work.askedBytes()).isEqualTo((double) with.askedPages * Comparisons.PAGE);
        assertThat(comparison.columns().getFirst().work()).isEmpty();
        assertThat(comparison.complaints()).isEmpty();
    }

    private static void assertIsOf(Reference reference, Column column) {
        assertThat(Table.seconds(column.ran())).isEqualTo(reference.seconds);
        assertThat(column.workloads()).isEqualTo(reference.workloads);
        List<Subject> subjects = new ArrayList<>(column.cgroups());
        subjects.add(column.host());
        for (Subject subject : subjects) {
            Map<String, Double> atEnd = reference.atEnd.getOrDefault(subject.path(), Map.of());
            for (Measure measure : Measure.values()) {
                measure.counter()
                        .ifPresent(signal -> assertThat(subject.measured(measure))
                                .as(column.name() + " " + subject.path() + " " + measure)
                                .isEqualTo(atEnd.get(signal.dotted())));
            }
            assertThat(subject.measured(Measure.PSI_SOME_SHARE))
                    .isEqualTo(atEnd.getOrDefault("psi.some.total", Double.NaN) / reference.seconds);
        }
        for (Subject subject : column.cgroups()) {
            List<Double> usage = reference.usage.getOrDefault(subject.path(), List.of());
            double last = reference.seconds - (usage.size() - 1) * 0.01;
            double sum = 0;
            double near = 0;
            double peak = 0;
            double limit = reference.last(subject.path(), "limit");
            for (int i = 0; i < usage.size(); i++) {
                double held = i == usage.size() - 1 ? last : 0.01;
                sum += usage.get(i) * held;
                near += usage.get(i) >= 0.95 * limit ? held : 0;
                peak = Math.max(peak, usage.get(i));
            }
            assertThat(subject.measured(Measure.MEAN_USAGE)).isCloseTo(sum / reference.seconds, within(1));
            assertThat(subject.measured(Measure.NEAR_LIMIT)).isCloseTo(near, within(1e-6));
            assertThat(subject.measured(Measure.PEAK_USAGE)).isEqualTo(peak);
        }
    }

    private static Offset<Double> within(double offset) {
        return Offset.offset(offset);
    }

    @Test
    void theTableHasTheseValuesAndTheirRatios() throws InterruptedException {
        Comparison comparison = compare(plan(SCENARIO, STEP), 2, Candidate.WITHOUT, candidate("watermark", WATERMARK));
        Subject without = comparison.columns().getFirst().cgroups().getFirst();
        Subject with = comparison.columns().getLast().cgroups().getFirst();

        List<String> lines = section(comparison, "cgroup app/writer  (max 8MiB, swap.max 0B)");

        assertThat(lines).isNotEmpty();
        for (Measure measure :
                List.of(Measure.MAX_EVENTS, Measure.DIRECT_STOLEN, Measure.PSI_SOME, Measure.MEAN_USAGE)) {
            String base = measure.unit().format(without.measured(measure));
            String own = measure.unit().format(with.measured(measure));
            String ratio = Table.ratio(without.measured(measure), with.measured(measure));
            assertThat(lines)
                    .as(measure.toString())
                    .filteredOn(line -> line.startsWith("  " + measure.label() + "  "))
                    .singleElement()
                    .satisfies(line -> assertThat(
                                    line.substring(2 + measure.label().length())
                                            .strip()
                                            .split(" +", 3))
                            .containsExactly(base, own, ratio));
        }
        assertThat(lines).noneMatch(line -> line.contains("swapped"));
    }

    @Test
    void figuresStandUnderEachOther() throws InterruptedException {
        Comparison comparison = compare(
                plan(SCENARIO, STEP),
                2,
                Candidate.WITHOUT,
                candidate("a-policy-with-a-name-longer-than-any-figure", WATERMARK));
        List<String> lines = comparison
                .text(UnaryOperator.identity(), UnaryOperator.identity())
                .lines()
                .toList();
        String names = lines.get(2);
        int first = names.indexOf("without") + "without".length();

        assertThat(names).endsWith(" a-policy-with-a-name-longer-than-any-figure");
        assertThat(lines.subList(3, lines.size() - 3))
                .filteredOn(line -> line.startsWith("  "))
                .hasSizeGreaterThan(30)
                .allSatisfy(line -> {
                    assertThat(line.substring(first - 1, first + 1)).as(line).matches("[^ ] ");
                    assertThat(line).isEqualTo(line.stripTrailing());
                });
    }

    @Test
    void ratiosSayHowOftenTheFirst() {
        assertThat(Table.ratio(10, 10)).isEqualTo("=");
        assertThat(Table.ratio(0, 0)).isEqualTo("=");
        assertThat(Table.ratio(0, 3)).isEqualTo("from 0");
        assertThat(Table.ratio(10, 0)).isEqualTo("\u00d70");
        assertThat(Table.ratio(1000, 1)).isEqualTo("\u00d7<0.01");
        assertThat(Table.ratio(1000, 5)).isEqualTo("\u00d70.01");
        assertThat(Table.ratio(10, 12.34)).isEqualTo("\u00d71.23");
        assertThat(Table.ratio(10, 99.4)).isEqualTo("\u00d79.94");
        assertThat(Table.ratio(10, 99.6)).isEqualTo("\u00d710");
        assertThat(Table.ratio(Double.NaN, 1)).isEmpty();
        assertThat(Table.ratio(1, Double.NaN)).isEmpty();
    }

    @Test
    void anyNumberOfThreadsTellsTheSameByteByByte() throws InterruptedException {
        Candidate[] candidates = {
            Candidate.WITHOUT, candidate("watermark", WATERMARK), candidate("late", LATE), candidate("again", WATERMARK)
        };

        Comparison one = compare(plan(SCENARIO, STEP), 1, candidates);
        Comparison four = compare(plan(SCENARIO, STEP), 4, candidates);

        assertThat(four.json()).isEqualTo(one.json());
        assertThat(four.svg()).isEqualTo(one.svg());
        assertThat(four.html()).isEqualTo(one.html());
        assertThat(four.text(UnaryOperator.identity(), UnaryOperator.identity()))
                .isEqualTo(one.text(UnaryOperator.identity(), UnaryOperator.identity()));
        assertThat(one.columns().get(3).cgroups().getFirst().measured())
                .as("the same policies do the same")
                .isEqualTo(one.columns().get(1).cgroups().getFirst().measured());
    }

    @Test
    void whatIsCountedDoesNotDependOnHowOftenUsageIsLookedAt() throws InterruptedException {
        Comparison fine = compare(plan(SCENARIO, STEP), 2, Candidate.WITHOUT, candidate("watermark", WATERMARK));
        Comparison coarse =
                compare(plan(SCENARIO, Duration.ofSeconds(3)), 2, Candidate.WITHOUT, candidate("watermark", WATERMARK));

        for (int column = 0; column < 2; column++) {
            Subject expected = fine.columns().get(column).cgroups().getFirst();
            Subject seen = coarse.columns().get(column).cgroups().getFirst();
            assertThat(coarse.columns().get(column).ran())
                    .isEqualTo(fine.columns().get(column).ran());
            for (Measure measure : Measure.values()) {
                if (measure.counter().isPresent()) {
                    assertThat(seen.measured(measure)).as(measure.toString()).isEqualTo(expected.measured(measure));
                }
            }
        }
    }

    @Test
    void oneCgroupCanBeToldOfAlone() throws InterruptedException {
        Plan all = plan(SCENARIO, STEP);
        Plan one = new Plan(all.name(), all.scenario(), STEP, Optional.of(new CgroupGlob("app/l*")), true);

        Comparison comparison = compare(one, 1, Candidate.WITHOUT, candidate("watermark", WATERMARK));

        assertThat(comparison.columns().getFirst().cgroups())
                .extracting(Subject::path)
                .containsExactly("app/leak");
        assertThat(comparison.text(UnaryOperator.identity(), UnaryOperator.identity()))
                .contains("cgroup app/leak", "workload leak", "host")
                .doesNotContain("app/writer");
        assertThat(comparison.svg()).contains("app/leak").doesNotContain("app/writer");
        assertThat(comparison.columns().getFirst().host().measured(Measure.DIRECT_STOLEN))
                .as("all take part")
                .isPositive();
    }

    @Test
    void theDefaultStepIsRoundAndLooksSomeThousandTimes() {
        assertThat(defaultStep("12s")).isEqualTo(Duration.ofMillis(2));
        assertThat(defaultStep("1s")).isEqualTo(Duration.ofMillis(1));
        assertThat(defaultStep("1h")).isEqualTo(Duration.ofMillis(500));
        assertThat(defaultStep("24h")).isEqualTo(Duration.ofSeconds(10));
        assertThat(defaultStep("8760h")).isEqualTo(Duration.ofSeconds(10));
    }

    private static Duration defaultStep(String duration) {
        return Plan.defaultStep(Comparisons.scenario(SCENARIO.replace("duration: 8s", "duration: " + duration)));
    }

    private static List<String> section(Comparison comparison, String title) {
        return comparison
                .text(UnaryOperator.identity(), UnaryOperator.identity())
                .lines()
                .dropWhile(line -> !line.equals(title))
                .skip(1)
                .takeWhile(line -> !line.isEmpty())
                .toList();
    }

    @Test
    void unitsAreThoseOfTheLanguage() throws InterruptedException {
        Comparison alone = compare(plan(SCENARIO, STEP), 1, Candidate.WITHOUT);
        Column column = alone.columns().getFirst();

        List<String> rows = section(alone, "workload leak  (in app/leak)");

        assertThat(rows.getFirst()).matches("  outcome +OOM killed");
        assertThat(rows.get(1))
                .matches("  ran for +"
                        + Unit.DURATION.format(Table.ran(column.workloads().getLast(), column.ran())));
        assertThat(rows).last().asString().matches("  1\\. allocate heap, 30MiB +.*s");
    }
}
