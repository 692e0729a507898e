package dev.tidemark.agent.simulate;

import static dev.tidemark.agent.simulate.Comparisons.LATE;
import static dev.tidemark.agent.simulate.Comparisons.SCENARIO;
import static dev.tidemark.agent.simulate.Comparisons.WATERMARK;
import static dev.tidemark.agent.simulate.Comparisons.candidate;
import static dev.tidemark.agent.simulate.Comparisons.compare;
import static dev.tidemark.agent.simulate.Comparisons.plan;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.agent.Simulation;
import dev.tidemark.config.Policy;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ReclaimEvent.Reclaimed;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.SignalSet;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;

/** The picture shows what happened: as many marks as there were things, in the space there is, in a small file. */
class PlotTest {

    /** So long that each step is a slot and a bar of its own. */
    private static final Duration STEP = Duration.ofMillis(80);

    private static final int MIB = 1 << 20;

    @Test
    void thereIsATickForEachStepWithMaxEventsAndABarForEachWithReclaim() throws Exception {
        Comparison comparison = compare(plan(SCENARIO, STEP), 2, Candidate.WITHOUT, candidate("watermark", WATERMARK));
        Drawing drawing = Drawing.of(comparison.svg());
        Element without = drawing.panel("app/writer", "without");
        Element with = drawing.panel("app/writer", "watermark");

        int alone = stepsWithEvents(Simulation.alone(Comparisons.scenario(SCENARIO)));
        int kept = stepsWithEvents(watermark());
        assertThat(alone).isGreaterThan(kept);
        assertThat(kept).isPositive();
        assertThat(Drawing.pieces(without, "events")).isEqualTo(alone);
        assertThat(Drawing.pieces(with, "events")).isEqualTo(kept);
        int writes = stepsWithReclaim();
        assertThat(writes).isGreaterThan(3);
        assertThat(Drawing.pieces(with, "asked")).isEqualTo(writes);
        assertThat(Drawing.pieces(without, "asked")).isZero();
        assertThat(Drawing.pieces(without, "direct")).isPositive();
    }

    @Test
    void anOomKillIsACrossAndLimitsAndMarksAreLines() throws InterruptedException {
        Drawing drawing = Drawing.of(compare(
                        plan(SCENARIO, STEP),
                        2,
                        Candidate.WITHOUT,
                        candidate("watermark", WATERMARK),
                        candidate("l", LATE))
                .svg());
        Element leak = drawing.panel("app/leak", "without");

        assertThat(Drawing.marks(leak, "kill")).hasSize(1);
        assertThat(Drawing.marks(drawing.panel("app/writer", "without"), "kill"))
                .isEmpty();
        for (String kind : List.of("max", "low", "usage", "usage-area")) {
            assertThat(Drawing.marks(leak, kind)).as(kind).hasSize(1);
        }
        assertThat(Drawing.marks(leak, "high")).isEmpty();
        assertThat(Drawing.marks(leak, "start")).isEmpty();
        Element kept = drawing.panel("app/leak", "watermark");
        assertThat(Drawing.marks(kept, "start")).hasSize(1);
        assertThat(Drawing.marks(kept, "stop")).hasSize(1);
        assertThat(kept.getTextContent()).contains("START 4.5MiB", "STOP 3MiB", "max 6MiB", "low 2MiB");
        assertThat(drawing.panel("app/writer", "l").getTextContent()).contains("START 7.5MiB", "STOP 7MiB");
        assertThat(Drawing.marks(drawing.panel("app/leak", "l"), "start"))
                .as("the policy is not for it")
                .isEmpty();
    }

    @Test
    void aStripShowsEachStateAPolicyWasIn() throws InterruptedException {
        String waiting =
                WATERMARK.replace("75% of limit", "75% of limit for 100ms").replace("cooldown: 200ms", "cooldown: 1s");
        Drawing drawing = Drawing.of(
                compare(plan(SCENARIO, STEP), 1, candidate("waiting", waiting)).svg());
        Element panel = drawing.panel("app/writer", "waiting");

        for (String state : List.of("pending", "active", "cooldown")) {
            assertThat(Drawing.pieces(panel, state)).as(state).isPositive();
        }
        assertThat(Drawing.marks(panel, "state")).hasSize(1);
    }

    @Test
    void aWatermarkIsWhatUsageAloneIsComparedWith() {
        assertThat(marks("usage > 75% of limit", "usage < 50% of limit")).containsExactly(75.0, 50.0);
        assertThat(marks("75% of limit < usage or psi.some.avg10 > 1%", "60MiB >= usage for 1s"))
                .containsExactly(75.0, 60.0 * MIB);
        assertThat(marks("usage > limit - 1MiB and psi.some.avg10 > 1%", "usage - 1MiB < 5MiB"))
                .as("these need more, or are not usage alone")
                .isEmpty();
        assertThat(marks("usage > high and usage > max or usage > low", "usage < cgroup(\"x\").usage"))
                .as("a limit that is not set is no mark")
                .containsExactly(10.0);
        assertThat(marks("usage < 5MiB or pgscan > 3", "usage > 9MiB or usage == 4MiB"))
                .as("neither starts from above nor stops from below")
                .isEmpty();
    }

    private static List<Double> marks(String start, String stop) {
        Policy policy = candidate("p", """
                        version: 1
                        policies: [ { name: p, cgroups: [a], start: '%s', stop: '%s' } ]
                        """.formatted(start, stop))
                .policies()
                .orElseThrow()
                .policies()
                .getFirst();
        return Watermark.of(policy, signal -> {
                    if (signal == Signal.LIMIT) {
                        return 100;
                    }
                    return signal == Signal.LOW ? 10 : Double.POSITIVE_INFINITY;
                })
                .stream()
                .map(Watermark::bytes)
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 10})
    void noTextOverlapsAnother(int cgroups) {
        for (Duration end : List.of(Duration.ofMillis(12_345), Duration.ofHours(24))) {
            Drawing drawing = Drawing.of(noise(cgroups, 3, end));

            List<Drawing.Label> labels = drawing.labels();
            assertThat(labels).hasSizeGreaterThan(cgroups * 10);
            for (int i = 0; i < labels.size(); i++) {
                Drawing.Label label = labels.get(i);
                assertThat(label.left()).as(label.text()).isNotNegative();
                assertThat(label.right())
                        .as(label.text())
                        .isLessThanOrEqualTo(Double.parseDouble(drawing.root().getAttribute("width")));
                for (Drawing.Label other : labels.subList(0, i)) {
                    assertThat(label.overlaps(other))
                            .as(label + " and " + other)
                            .isFalse();
                }
            }
        }
    }

    @Test
    void aDayOfTenCgroupsInThreeColumnsIsASmallFileWhateverHappens() {
        String svg = noise(10, 3, Duration.ofHours(24));

        assertThat(svg.getBytes(StandardCharsets.UTF_8).length).isLessThan(1 << 20);
        assertThat(Drawing.pieces(Drawing.of(svg).panel("slice/cgroup-3.service", "column 1"), "events"))
                .as("it is not empty")
                .isGreaterThan(100);
    }

    @Test
    void itCanBeReadWithoutBeingSeenAndNeedsNothingElse() throws InterruptedException {
        Comparison comparison = compare(plan(SCENARIO, STEP), 1, Candidate.WITHOUT);
        Element svg = Drawing.of(comparison.svg()).root();

        assertThat(svg.getAttribute("role")).isEqualTo("img");
        assertThat(svg.getAttribute("aria-labelledby")).isEqualTo("tm-title tm-desc");
        assertThat(Drawing.all(svg, "title").getFirst().getTextContent())
                .isEqualTo("Simulation of scenario.yaml: without");
        assertThat(Drawing.all(svg, "desc").getFirst().getTextContent())
                .contains("cgroup app/leak, without: ", "1 OOM kill ");
        assertThat(comparison.svg())
                .contains("prefers-color-scheme: dark")
                .doesNotContain("<script", "href", "url(", "@import");
    }

    @Test
    void thePageHasTheTableAndThePicture() throws InterruptedException {
        Comparison comparison = compare(plan(SCENARIO, STEP), 2, Candidate.WITHOUT, candidate("<b>&\"", WATERMARK));
        Element page = Drawing.of(comparison.html()).root();

        assertThat(Drawing.all(page, "svg")).hasSize(1);
        List<String> rows =
                Drawing.all(page, "th").stream().map(Element::getTextContent).toList();
        for (Table.Section section : Table.of(plan(SCENARIO, STEP), comparison.columns())) {
            assertThat(rows).anyMatch(row -> row.startsWith(section.title()));
            section.rows().forEach(row -> assertThat(rows).contains(row.label()));
        }
        assertThat(rows).contains("<b>&\"");
        assertThat(comparison.html()).doesNotContain("<script", "href");
    }

    @Test
    void pathsAreShortAndRoundEachPointByItself() {
        PathData data = new PathData()
                .move(0.04, 1)
                .line(10.04, 1)
                .line(20.06, 1)
                .line(20.06, 0.5)
                .line(21, -0.25);
        assertThat(data).hasToString("M0 1h20.1v-.5l.9-.7");
        PathData far = new PathData().move(0, 0);
        for (int i = 1; i <= 1000; i++) {
            far.line(i * 0.333, i % 2);
        }
        double end = 0;
        for (String step : far.toString().substring(4).split("l", -1)) {
            end += step.isEmpty() ? 0 : Double.parseDouble(step.split("[ -]", -1)[0]);
        }
        assertThat(end).isCloseTo(333, Offset.offset(0.05));
    }

    @Test
    void axesHaveRoundTicks() {
        assertThat(Ticks.times(12, 10)).startsWith(0.0, 2.0).endsWith(12.0);
        assertThat(Ticks.times(86_400, 10)).startsWith(0.0, 10_800.0).endsWith(86_400.0);
        assertThat(Ticks.bytes(34.0 * MIB, 4)).containsExactly(0.0, 16.0 * MIB, 32.0 * MIB);
        assertThat(Ticks.share(0.04)).isEqualTo(0.05);
        assertThat(Ticks.share(0.7)).isEqualTo(1);
        assertThat(Ticks.share(0)).isEqualTo(0.001);
    }

    private static int stepsWithEvents(Simulation host) throws CgroupGoneException {
        int steps = 0;
        double last = 0;
        double[] value = new double[1];
        host.start();
        boolean more = true;
        while (more) {
            more = host.advance(STEP);
            host.model().read(host.model().cgroup("app/writer").orElseThrow(), SignalSet.of(Signal.EVENTS_MAX), value);
            steps += value[0] > last ? 1 : 0;
            last = value[0];
        }
        return steps;
    }

    private static Simulation watermark() {
        return Simulation.withAgent(
                Comparisons.scenario(SCENARIO),
                candidate("watermark", WATERMARK).policies().orElseThrow(),
                _ -> {});
    }

    private static int stepsWithReclaim() {
        Simulation host = watermark();
        Set<Long> steps = new TreeSet<>();
        long[] step = {0};
        boolean[] over = {false};
        host.model().finished().subscribe(_ -> {}, _ -> {}, () -> over[0] = true);
        host.reclaims()
                .ofType(Reclaimed.class)
                .filter(event -> event.cgroup().path().equals("app/writer") && !over[0])
                .subscribe(_ -> steps.add(step[0]));
        host.start();
        while (host.advance(STEP)) {
            step[0]++;
        }
        return steps.size();
    }

    /** As much as can happen, everywhere and all the time. */
    private static String noise(int cgroups, int columns, Duration end) {
        StringBuilder text =
                new StringBuilder("version: 1\nduration: 24h\nhost: { memory: 1GiB, cpus: 1 }\ncgroups:\n");
        for (int i = 0; i < cgroups; i++) {
            text.append("  - { path: slice/cgroup-")
                    .append(i)
                    .append(".service, max: 64MiB, high: 60MiB, low: 8MiB }\n");
        }
        text.append("workloads: [ { cgroup: slice/cgroup-0.service, name: w, steps: [ { sleep: 1s } ] } ]\n");
        Duration step = end.dividedBy(8_640);
        Plan plan = new Plan("noise.yaml", Comparisons.scenario(text.toString()), step, Optional.empty(), true);
        SplittableRandom random = new SplittableRandom(1);
        List<Column> runs = new ArrayList<>();
        for (int column = 0; column < columns; column++) {
            List<Subject> subjects = new ArrayList<>();
            for (int i = 0; i < cgroups; i++) {
                subjects.add(noise(random, "slice/cgroup-" + i + ".service"));
            }
            Candidate candidate = new Candidate("column " + column, Optional.empty());
            runs.add(new Column(
                    candidate,
                    end,
                    true,
                    subjects.getFirst(),
                    subjects,
                    List.of(),
                    Optional.of(new Work(List.of(), 1)),
                    List.of()));
        }
        return Plot.svg(plan, runs);
    }

    private static Subject noise(SplittableRandom random, String path) {
        List<String> policies = List.of("a-policy-with-a-very-long-name-indeed", "second");
        Course course = new Course(Channel.merges(policies.size()));
        int channels = Channel.merges(policies.size()).size();
        for (int step = 0; step < 8_640; step++) {
            for (int channel = 0; channel < channels; channel++) {
                course.put(channel, random.nextInt(3) == 0 ? 0 : random.nextDouble() * 64 * MIB);
            }
            course.step();
        }
        Map<Measure, Double> measured = new EnumMap<>(Measure.class);
        for (Measure measure : Measure.values()) {
            measured.put(measure, 123_456_789.25);
        }
        List<Watermark> marks = List.of(
                new Watermark("a", true, 60 * MIB), new Watermark("a", false, 59 * MIB),
                new Watermark("b", true, 5 * MIB), new Watermark("b", false, MIB));
        return new Subject(path, measured, marks, policies, Optional.of(course));
    }
}
