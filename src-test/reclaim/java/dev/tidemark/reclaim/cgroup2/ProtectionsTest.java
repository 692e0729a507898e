package dev.tidemark.reclaim.cgroup2;

import static dev.tidemark.reclaim.cgroup2.FakeHost.MIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tidemark.config.Signal;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.SignalSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is kept for a cgroup, out of files. */
class ProtectionsTest {

    private static final SignalSet PROTECTION = SignalSet.of(Signal.PROTECTION);
    private static final SignalSet HEADROOM = SignalSet.of(Signal.SWAP_HEADROOM);

    @SuppressWarnings("NullAway.Init") // by begin
    private FakeHost host;

    @BeforeEach
    void begin(@TempDir Path directory) {
        host = new FakeHost(directory);
    }

    @AfterEach
    void end() {
        host.close();
    }

    /** In MiB. */
    private Cgroup cgroup(String path, long usage, long low, long min) {
        Cgroup cgroup = host.cgroup(path);
        host.set(path, "memory.current", usage * MIB + "\n");
        host.set(path, "memory.low", low * MIB + "\n");
        host.set(path, "memory.min", min * MIB + "\n");
        return cgroup;
    }

    private void recursive() {
        FakeHost.write(
                host.proc.resolve("self/mountinfo"),
                FakeHost.mount(host.root, "rw", "cgroup2", "rw,nsdelegate,memory_recursiveprot"));
    }

    private static double protection(Cgroup2Controller controller, Cgroup cgroup) throws IOException {
        double[] values = {-1};
        controller.read(cgroup, PROTECTION, values);
        return values[0] / MIB;
    }

    @Test
    void atTheTopItIsTheLargerOfBothFiles() throws IOException {
        Cgroup a = cgroup("a", 10_000, 2000, 2500);

        try (Cgroup2Controller controller = host.open()) {
            assertThat(protection(controller, a)).isEqualTo(2500);
        }
    }

    @Test
    void computedOverAncestors_notReadOffOneFile() throws IOException {
        cgroup("a", 10_000, 2000, 2500);
        Cgroup b = cgroup("a/b", 3000, 2000, 1000);
        Cgroup c = cgroup("a/c", 4000, 0, 3000);
        Cgroup d = cgroup("a/d", 2000, 3000, 0);

        try (Cgroup2Controller controller = host.open()) {
            // Of min they claim 1000 + 3000 + 0 of 2500; of low 2000 + 0 + 2000 (no more than it uses) of 2000.
            assertThat(protection(controller, b)).isEqualTo(Math.max(1000 * 2500 / 4000.0, 2000 * 2000 / 4000.0));
            assertThat(protection(controller, c)).isEqualTo(3000 * 2500 / 4000.0);
            assertThat(protection(controller, d)).isEqualTo(2000 * 2000 / 4000.0);
        }
    }

    @Test
    void whatNobodyClaimsGoesToThoseBelow_whereTheHierarchyIsMountedSo() throws IOException {
        cgroup("a", 1000, 500, 0);
        cgroup("a/claims", 300, 200, 0);
        Cgroup none = cgroup("a/none", 700, 0, 0);

        try (Cgroup2Controller controller = host.open()) {
            assertThat(protection(controller, none)).isZero();
        }
        recursive();
        try (Cgroup2Controller controller = host.open()) {
            assertThat(protection(controller, none)).isCloseTo(300 * 700 / 800.0, within(1e-9));
        }
    }

    @Test
    void belowWhatKeepsNothingNothingIsRead() throws IOException {
        host.cgroup("slice");
        Cgroup a = cgroup("slice/a", 100, 90, 90);
        List<String> opened = new ArrayList<>();
        CgroupFs fs = new CgroupFs() {
            @Override
            int openForReading(Directory directory, String file, Scratch scratch) throws IOException {
                opened.add(host.root.relativize(directory.path()) + " " + file);
                return super.openForReading(directory, file, scratch);
            }
        };

        try (Cgroup2Controller controller = host.open(fs)) {
            opened.clear();
            assertThat(protection(controller, a)).isZero();
            assertThat(opened).containsExactlyInAnyOrder("slice memory.min", "slice memory.low");
            opened.clear();
            assertThat(protection(controller, a)).isZero();
            assertThat(opened).as("kept for a second").isEmpty();
        }
    }

    @Test
    void readAgainAfterASecond() throws IOException {
        Cgroup a = cgroup("a", 100, 10, 0);

        try (Cgroup2Controller controller = host.open()) {
            assertThat(protection(controller, a)).isEqualTo(10);
            host.set("a", "memory.low", 20 * MIB + "\n");
            assertThat(protection(controller, a)).isEqualTo(10);
            host.nanos.addAndGet(2 * LimitCache.FRESH.toNanos());
            assertThat(protection(controller, a)).isEqualTo(20);
        }
    }

    @Test
    void reusedPath_isNotTakenForTheOldOne() throws IOException {
        Cgroup a = cgroup("a", 100, 10, 0);

        try (Cgroup2Controller controller = host.open()) {
            protection(controller, a);
            host.madeAnew("a");
            host.set("a", "memory.low", 20 * MIB + "\n");
            host.nanos.addAndGet(2 * LimitCache.FRESH.toNanos());

            assertThatThrownBy(() -> protection(controller, a)).isInstanceOf(CgroupGoneException.class);
        }
    }

    /** As the kernel's: usage, the parent's, the setting, what is kept for the parent, what all claim. */
    @ParameterizedTest
    @CsvSource({
        "100, 1000,  50,  200, 100, false,  50",
        "100, 1000, 500,  200, 100, false, 100",
        "100, 1000,  50,  100, 200, false,  25",
        "100, 1000,   0,    0,   0, true,    0",
        "100, 1000,   0,  500, 100, true,   44.44444444444444",
        "100, 1000,  50,  500, 100, true,   72.22222222222223",
        "100, 1000,   0, Infinity, 0, true, 100",
    })
    void effective(
            double usage,
            double parentUsage,
            double setting,
            double kept,
            double claimed,
            boolean recursive,
            double is) {
        assertThat(Protections.effective(usage, parentUsage, setting, kept, claimed, recursive))
                .isCloseTo(is, within(1e-9));
    }

    @Test
    void swapHeadroom_readsWhatIsUsedOnlyWhereALimitMakesItMatter() throws IOException {
        host.cgroup("slice");
        Cgroup a = host.cgroup("slice/a");
        List<String> opened = new ArrayList<>();
        CgroupFs fs = new CgroupFs() {
            @Override
            int openForReading(Directory directory, String file, Scratch scratch) throws IOException {
                opened.add(file);
                return super.openForReading(directory, file, scratch);
            }
        };

        try (Cgroup2Controller controller = host.open(fs)) {
            opened.clear();
            assertThat(headroom(controller, a)).isEqualTo(2048 * 1024);
            assertThat(opened).containsOnly("memory.swap.max");

            host.set("slice", "memory.swap.max", MIB + "\n");
            host.set("slice", "memory.swap.current", MIB / 2 + "\n");
            host.nanos.addAndGet(2 * LimitCache.FRESH.toNanos());
            assertThat(headroom(controller, a)).isEqualTo(MIB / 2);
            assertThat(opened).contains("memory.swap.current");
        }
    }

    private static double headroom(Cgroup2Controller controller, Cgroup cgroup) throws IOException {
        double[] values = {-1};
        controller.read(cgroup, HEADROOM, values);
        return values[0];
    }
}
