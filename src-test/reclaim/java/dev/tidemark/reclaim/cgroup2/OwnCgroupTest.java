package dev.tidemark.reclaim.cgroup2;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.reclaim.CgroupLimits;
import dev.tidemark.reclaim.Gfp;
import dev.tidemark.reclaim.LimitAnswer;
import dev.tidemark.reclaim.LimitFile;
import dev.tidemark.reclaim.ReclaimOptions;
import dev.tidemark.reclaim.ReclaimResult;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import dev.tidemark.triggers.Cgroup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the agent does not do to itself. */
class OwnCgroupTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private FakeHost host;
    private Cgroup slice;
    private Cgroup mine;
    private Cgroup other;

    @BeforeEach
    void makeHost() {
        host = new FakeHost(directory);
        slice = host.cgroup("system.slice");
        mine = host.cgroup("system.slice/tidemark.service");
        other = host.cgroup("system.slice/db.service");
        runsIn("/system.slice/tidemark.service");
    }

    @AfterEach
    void closeHost() {
        host.close();
    }

    private void runsIn(String path) {
        FakeHost.write(host.proc.resolve("self/cgroup"), "3:cpu:/elsewhere\n0::" + path + "\n");
    }

    private OwnCgroup find(Path root) throws IOException {
        return OwnCgroup.find(new CgroupFs(), new HostFacts(host.proc), root);
    }

    private ReclaimResult ask(Cgroup2Controller controller, Cgroup cgroup, long pages) {
        return requireNonNull(controller
                .tryToFreeMemCgroupPages(
                        cgroup, pages, Gfp.GFP_KERNEL, ReclaimOptions.PROACTIVE | ReclaimOptions.MAY_SWAP, -1)
                .block(SOON));
    }

    @Test
    void nothingIsTakenFromTheAgentItself_norFromAbove() throws IOException {
        try (Cgroup2Controller controller = host.open()) {
            ReclaimResult own = ask(controller, mine, 32);
            assertThat(own.outcome()).isEqualTo(Outcome.REFUSED);
            assertThat(own.message()).isEqualTo("it is the agent's own cgroup");
            ReclaimResult above = ask(controller, slice, 32);
            assertThat(above.outcome()).isEqualTo(Outcome.REFUSED);
            assertThat(above.message()).isEqualTo("the agent itself runs below it, in system.slice/tidemark.service");
            assertThat(ask(controller, controller.top(), 32).outcome()).isEqualTo(Outcome.REFUSED);
            assertThat(host.text("system.slice", "memory.reclaim")).isEmpty();
            assertThat(host.text("system.slice/tidemark.service", "memory.reclaim"))
                    .isEmpty();

            assertThat(ask(controller, other, 32).outcome()).isEqualTo(Outcome.SUCCESS);
            assertThat(ask(controller, controller.top(), 0).outcome())
                    .as("nothing may be asked for anywhere: so it is rehearsed")
                    .isEqualTo(Outcome.SUCCESS);
            assertThat(controller.whyNotActedOn(mine)).isNotNull();
            assertThat(controller.whyNotActedOn(other)).isNull();
        }
    }

    @Test
    void theAgentIsNotThrottled_butMayBeProtected_andPutBack() throws IOException {
        long mib = FakeHost.MIB;
        for (String path : new String[] {"system.slice/tidemark.service", "system.slice/db.service"}) {
            host.set(path, "memory.min", "0\n");
            host.set(path, "memory.low", "0\n");
        }
        try (Cgroup2Controller controller = host.open()) {
            assertThat(controller
                            .setLimit(mine, LimitFile.HIGH, CgroupLimits.MAX, mib)
                            .block(SOON))
                    .isEqualTo(new LimitAnswer.Refused(host.root.resolve("system.slice/tidemark.service/memory.high")
                            + " is not lowered: it is the agent's own cgroup"));
            assertThat(host.text("system.slice/tidemark.service", "memory.high"))
                    .isEqualTo("max\n");
            controller.setLimit(other, LimitFile.HIGH, CgroupLimits.MAX, mib).block(SOON);
            assertThat(host.text("system.slice/db.service", "memory.high")).isEqualTo(mib + "\n");

            controller.setLimit(mine, LimitFile.LOW, 0, mib).block(SOON);
            assertThat(host.text("system.slice/tidemark.service", "memory.low")).isEqualTo(mib + "\n");
            host.set("system.slice/tidemark.service", "memory.high", mib + "\n");
            controller.setLimit(mine, LimitFile.HIGH, mib, CgroupLimits.MAX).block(SOON);
            assertThat(host.text("system.slice/tidemark.service", "memory.high"))
                    .isEqualTo("max\n");
        }
    }

    @Test
    void itGoesByTheId_andIsLookedAtWithEachCheck() throws IOException {
        try (Cgroup2Controller controller = host.open()) {
            Cgroup anew = host.madeAnew("system.slice/tidemark.service");
            assertThat(controller.whyNotActedOn(anew)).as("another cgroup").isNull();

            runsIn("/system.slice/db.service");
            controller.check(FakeHost.needs());
            assertThat(controller.whyNotActedOn(other)).isEqualTo("it is the agent's own cgroup");
            assertThat(controller.whyNotActedOn(mine)).isNull();
        }
    }

    @Test
    void pathsUpToTheRootOfWhatIsLookedAt() throws IOException {
        assertThat(Cgroup2Controller.ownCgroups(host.options()))
                .containsExactly("system.slice/tidemark.service", "system.slice");
        assertThat(find(host.root.resolve("system.slice")).upwards())
                .extracting(Cgroup::path)
                .containsExactly("tidemark.service", "");
        assertThat(find(host.root.resolve("system.slice/db.service")).upwards()).isEmpty();
    }

    /** In a container: only a part of the tree is mounted, or the process is above all of it. */
    @ParameterizedTest
    @CsvSource({
        "/system.slice, /system.slice/tidemark.service, tidemark.service",
        "/system.slice/tidemark.service, /system.slice/tidemark.service, ''",
        "/kubepods, /system.slice/tidemark.service,",
        "/, /../tidemark.service,",
        "/.., /,",
    })
    void whatIsMounted(String mounted, String runsIn, String own) throws IOException {
        host.cgroup("tidemark.service");
        runsIn(runsIn);
        FakeHost.write(
                host.proc.resolve("self/mountinfo"),
                FakeHost.mount(host.root, "rw", "cgroup2", "rw").replaceFirst(" / ", " " + mounted + " "));

        assertThat(find(host.root).directory()).isEqualTo(own == null ? null : host.root.resolve(own));
    }

    @Test
    void withoutProcSelfCgroup_thereIsNoOwn() throws IOException {
        FakeHost.remove(host.proc.resolve("self/cgroup"));

        assertThat(find(host.root)).isEqualTo(OwnCgroup.UNKNOWN);
    }
}
