package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Checked;
import dev.tidemark.config.Scenario;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ReclaimResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The ready-made scenarios do what they are for. */
class ShapesTest {

    private static final Path SHIPPED = Path.of("..", "policies", "scenarios");
    private static final Duration ALL = Duration.ofHours(1);

    private static Run run(String name) throws IOException {
        String file = name + ".scenario.yaml";
        Checked<Scenario> checked = Scenario.parse(file, Files.readString(SHIPPED.resolve(file)));
        if (checked instanceof Checked.Valid<Scenario>(Scenario scenario)) {
            Run run = new Run(scenario);
            run.model.start();
            return run;
        }
        throw new AssertionError(checked);
    }

    private static double seconds(Run run) {
        return run.model.report().stream()
                .mapToDouble(report -> report.ended().orElseThrow().toNanos() / 1e9)
                .max()
                .orElseThrow();
    }

    @Test
    void theSelftestRunsIntoItsLimitHundredsOfTimes() throws IOException {
        Run run = run("selftest").advance(ALL);

        assertThat(run.value("test", Signal.EVENTS_MAX)).isBetween(100.0, 2000.0);
        assertThat(run.value("test", Signal.EVENTS_OOM_KILL)).isZero();
        assertThat(run.model.report().getFirst().stalled()).isPositive();
    }

    /** Each of the two would do alone; together each takes from the other, and both wait most of the time. */
    @Test
    void siblingsTakeFromEachOther() throws IOException {
        Run run = run("siblings").advance(ALL);

        for (String path : new String[] {"pair/high", "pair/low"}) {
            assertThat(run.value(path, Signal.REFAULT)).as(path).isGreaterThan(8192 * 10);
        }
        assertThat(run.value("pair", Signal.EVENTS_MAX)).isGreaterThan(1000);
        assertThat(run.model.report())
                .allSatisfy(report -> assertThat(report.stalled().toNanos() / 1e9)
                        .isGreaterThan(0.5 * report.ended().orElseThrow().toNanos() / 1e9));
    }

    /** On each stair all but the region that is in use can be taken, and nothing of it is missed. */
    @Test
    void onTheStairsWhatWasLeftBehindIsCold() throws IOException {
        Run run = run("stairs").advance(Duration.ofSeconds(10 + 5 * 9 + 2));
        assertThat(run.value("stairs", Signal.USAGE)).isGreaterThan(100e6);

        ReclaimResult taken = run.reclaim("stairs", 60 << 8, Run.PROACTIVE, -1);

        assertThat(taken.pagesReclaimed()).isGreaterThan(55 << 8);
        run.advance(ALL);
        assertThat(run.memcg("stairs").stat[Stat.PSWPIN] * 1.0).isLessThan(0.05 * taken.pagesReclaimed());
    }

    /** The same on the zigzag is paid for with the next turn. */
    @Test
    void onTheZigzagItComesBack() throws IOException {
        Run run = run("zigzag").advance(Duration.ofSeconds(10 + 7));

        ReclaimResult taken = run.reclaim("zigzag", 60 << 8, Run.PROACTIVE, -1);

        assertThat(taken.pagesReclaimed()).isGreaterThan(55 << 8);
        run.advance(ALL);
        assertThat(run.memcg("zigzag").stat[Stat.PSWPIN] * 1.0).isGreaterThan(0.9 * taken.pagesReclaimed());
    }

    @Test
    void theBuildWorksIn340AndThrashesUnder300() throws IOException {
        Run fits = run("build-340").advance(ALL);
        Run thrashes = run("build-280").advance(ALL);

        assertThat(fits.value("build", Signal.REFAULT)).isLessThan(1000);
        assertThat(fits.value("build", Signal.EVENTS_MAX)).isZero();
        assertThat(thrashes.value("build", Signal.REFAULT)).isGreaterThan(100_000);
        assertThat(thrashes.value("build", Signal.EVENTS_MAX)).isGreaterThan(1000);
        assertThat(seconds(thrashes)).isGreaterThan(1.25 * seconds(fits));
    }
}
