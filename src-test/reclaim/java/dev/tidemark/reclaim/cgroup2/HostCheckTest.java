package dev.tidemark.reclaim.cgroup2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.config.Expr.Resource;
import dev.tidemark.config.Signal;
import dev.tidemark.triggers.PushRequest;
import dev.tidemark.triggers.SignalSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostCheckTest {
    private static final SignalSet USAGE = SignalSet.of(Signal.USAGE);
    private static final SignalSet PSI = SignalSet.of(Signal.USAGE, Signal.PSI_FULL_AVG60);
    private static final PushRequest PRESSURE =
            new PushRequest.Pressure(Resource.MEMORY, false, Duration.ofMillis(150), Duration.ofSeconds(1));
    private static final PushRequest OF_IO =
            new PushRequest.Pressure(Resource.IO, true, Duration.ofSeconds(1), Duration.ofSeconds(2));
    private static final String USER = System.getProperty("user.name");

    @TempDir
    Path directory;

    private FakeHost host;

    @BeforeEach
    void makeHost() {
        host = new FakeHost(directory);
    }

    @AfterEach
    void closeHost() {
        host.close();
    }

    @Test
    void nothingLacks_beforeAnyCgroupMatches() throws IOException {
        open(new CgroupFs(), new HostNeeds(PSI, FakeHost.globs("batch.slice/*.service", "**"), Set.of(-1, 60, 201)));
    }

    @Test
    void nothingLacks_whenOneOfSeveralMatchesHasAll() throws IOException {
        host.cgroup("a/one");
        host.cgroup("a/two");
        host.drop("a/one", "memory.current");
        host.drop("a/one", "memory.pressure");

        open(new CgroupFs(), new HostNeeds(PSI, FakeHost.globs("a/*")));
    }

    @Test
    void noController_noCgroup2() {
        mounts("");

        assertLacks("No cgroup2 file system is mounted: mount -t cgroup2 none /sys/fs/cgroup.");
    }

    @Test
    void noController_noCgroup2_butV1() {
        mounts(v1());

        assertLacks("No cgroup2 file system is mounted, and the memory controller is bound to cgroup v1 at "
                + "/sys/fs/cgroup/memory: boot with systemd.unified_cgroup_hierarchy=1 (without systemd: "
                + "cgroup_no_v1=memory, and mount -t cgroup2 none /sys/fs/cgroup).");
    }

    @Test
    void noController_hybrid() {
        mounts(v1() + FakeHost.mount(host.root, "rw", "cgroup2", "rw"));
        host.set("", "cgroup.controllers", "\n");

        assertLacks("The memory controller is bound to cgroup v1 at /sys/fs/cgroup/memory, so cgroup2 at " + host.root
                + " is without it: boot with systemd.unified_cgroup_hierarchy=1 (without systemd: "
                + "cgroup_no_v1=memory).");
    }

    @Test
    void noController_boundToV1_thoughNotMountedHere() {
        host.set("", "cgroup.controllers", "cpu\n");
        proc("cgroups", "#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t4\t12\t1\n");

        assertLacks("The memory controller is bound to cgroup v1, so cgroup2 at " + host.root
                + " is without it: boot with systemd.unified_cgroup_hierarchy=1 (without systemd: "
                + "cgroup_no_v1=memory).");
    }

    @Test
    void noController_switchedOff() {
        host.set("", "cgroup.controllers", "cpu\n");
        proc("cgroups", "#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t0\t1\t0\n");

        assertLacks(
                "The memory controller is switched off: boot without cgroup_disable=memory (on a Raspberry Pi: with "
                        + "cgroup_enable=memory).");
    }

    @Test
    void noController_notDelegated() {
        host.set("", "cgroup.controllers", "cpu\n");
        host.set("", "cgroup.events", "populated 1\n");

        assertLacks("The memory controller is not delegated to " + host.root
                + ": write +memory to cgroup.subtree_control of the cgroup above it (systemd: Delegate=memory).");
    }

    @Test
    void noController_notBuilt() {
        host.set("", "cgroup.controllers", "cpu\n");

        assertLacks("The kernel (6.16.3-amd64) has no memory controller: one built with CONFIG_MEMCG is needed.");
    }

    @Test
    void noController_kernelTooOld() {
        host.drop("", "memory.reclaim");
        proc("sys/kernel/osrelease", "5.15.0-100-generic\n");

        assertLacks("The kernel (5.15.0-100-generic) has no memory.reclaim: Linux 5.19 or newer is needed.");
    }

    @Test
    void noController_controllerNotEnabled_cgroupsMatch() {
        host.cgroup("batch.slice/a.service");
        host.drop("batch.slice/a.service", "memory.current");
        host.set("batch.slice", "cgroup.subtree_control", "cpu\n");

        assertLacks("The memory controller is not enabled for the cgroups in " + host.root
                + "/batch.slice: write +memory to " + host.root
                + "/batch.slice/cgroup.subtree_control (systemd: MemoryAccounting=yes).");
    }

    @Test
    void noController_controllerNotEnabled_nothingMatchesYet() {
        host.cgroup("batch.slice");
        host.set("", "cgroup.subtree_control", "\n");

        assertLacks("The memory controller is not enabled for the cgroups in " + host.root + ": write +memory to "
                + host.root + "/cgroup.subtree_control (systemd: MemoryAccounting=yes).");
    }

    @Test
    void threaded() {
        host.cgroup("batch.slice/a.service");
        host.drop("batch.slice/a.service", "memory.current");

        assertLacks(host.root + "/batch.slice/a.service has no memory.current though the memory controller is enabled "
                + "above it: its cgroup.type must be domain.");
    }

    @Test
    void readOnlyMount() {
        mounts(FakeHost.mount(host.root, "ro,nosuid", "cgroup2", "rw"));

        assertLacks(host.root + " is mounted read-only: mount -o remount,rw " + host.root
                + " (in a container: give it the host's " + host.root + " writable, with --cgroupns=host).");
    }

    @Test
    void notPermitted_cgroupsMatch() {
        host.cgroup("batch.slice/a.service");

        assertLacks(
                unwritable(),
                USAGE,
                host.root + "/batch.slice/a.service/memory.reclaim may not be written by user " + USER
                        + ": run as root, or have the cgroup delegated (systemd: Delegate=memory).");
    }

    @Test
    void notPermitted_nothingMatchesYet() {
        host.cgroup("batch.slice");

        assertLacks(
                unwritable(),
                USAGE,
                host.root + "/batch.slice/memory.reclaim may not be written by user " + USER
                        + ": run as root, or have the cgroup delegated (systemd: Delegate=memory).");
    }

    @Test
    void psiNotBuilt_onlyWhenAPolicyReadsIt() throws IOException {
        FakeHost.remove(host.proc.resolve("pressure/memory"));

        open(new CgroupFs(), new HostNeeds(USAGE, List.of()));
        assertLacks(
                new CgroupFs(),
                PSI,
                "The kernel (6.16.3-amd64) keeps no pressure stall information, which a policy reads (psi): boot with "
                        + "psi=1, or one built with CONFIG_PSI is needed.");
    }

    @Test
    void psiSwitchedOff() {
        CgroupFs off = new CgroupFs() {
            @Override
            String text(Path file) throws IOException {
                if (file.endsWith("pressure/memory")) {
                    throw new IOException("Operation not supported");
                }
                return super.text(file);
            }
        };

        assertLacks(
                off, PSI, "Pressure stall information, which a policy reads (psi), is switched off: boot with psi=1.");
    }

    @Test
    void psiNotKeptForCgroups() {
        host.cgroup("batch.slice/a.service");
        host.drop("batch.slice/a.service", "memory.pressure");

        assertLacks(
                new CgroupFs(),
                PSI,
                "Pressure stall information, which a policy reads (psi), is not kept for " + host.root
                        + "/batch.slice/a.service: write 1 to its cgroup.pressure, and boot without "
                        + "cgroup_disable=pressure.");
    }

    @Test
    void psiSwitchedOff_whenOnlyAPushNeedsIt() {
        FakeHost.remove(host.proc.resolve("pressure/memory"));

        assertThatThrownBy(() -> open(new CgroupFs(), pushing(PRESSURE, new PushRequest.Events())))
                .hasMessage(
                        "The kernel (6.16.3-amd64) keeps no pressure stall information, which a policy reads (psi): "
                                + "boot with psi=1, or one built with CONFIG_PSI is needed.");
    }

    @Test
    void pushesThatCannotBeAskedFor() {
        host.cgroup("watched/a");
        host.cgroup("watched/b");
        host.drop("watched/a", "memory.events");
        host.drop("watched/b", "memory.events");
        CgroupFs unwritable = new CgroupFs() {
            @Override
            boolean writable(Path path) {
                return !path.endsWith("memory.pressure");
            }
        };

        assertThatThrownBy(() -> open(unwritable, pushing(PRESSURE, OF_IO, new PushRequest.Events())))
                .isInstanceOfSatisfying(
                        HostLacksException.class,
                        e -> assertThat(e.lacks())
                                .containsExactlyInAnyOrder(
                                        host.root + "/watched/a/memory.pressure may not be written by user " + USER
                                                + ", which psi.some trigger 150ms/1s needs: run as root, or give that user the file.",
                                        "Pressure stall information, which psi.io.full trigger 1s/2s needs, is not kept in "
                                                + host.root
                                                + "/watched/a/io.pressure: write 1 to cgroup.pressure beside it, and boot with psi=1 "
                                                + "and without cgroup_disable=pressure.",
                                        host.root
                                                + "/watched/a/memory.events is not there: the memory controller has to be enabled "
                                                + "above it (write +memory to cgroup.subtree_control)."));
    }

    @Test
    void pushes_whenOneOfSeveralCanBeAsked_orNothingMatchesYet() throws IOException {
        open(new CgroupFs(), pushing(PRESSURE, OF_IO));
        host.cgroup("watched/a");
        host.cgroup("watched/b");
        host.drop("watched/a", "memory.pressure");

        open(new CgroupFs(), pushing(PRESSURE, new PushRequest.Events()));
    }

    private static HostNeeds pushing(PushRequest... requests) {
        return new HostNeeds(USAGE, List.of()).withPushes(Set.of(requests), FakeHost.globs("watched/*"));
    }

    @Test
    void swappinessNotTaken() {
        HostNeeds needs = new HostNeeds(USAGE, List.of(), Set.of(-1, 60, 201));

        assertThatThrownBy(() -> open(taking("0"), needs))
                .hasMessage("The kernel (6.16.3-amd64) takes no swappiness=max, which a policy asks for: Linux 6.16 or "
                        + "newer is needed, or another swappiness in the policy.");
    }

    @Test
    void swappinessAsANumber_isAPreferenceAndToldOnce() throws IOException {
        HostNeeds needs = new HostNeeds(USAGE, List.of(), Set.of(-1, 60, 0));
        List<String> notices = new ArrayList<>();

        try (Cgroup2Controller controller = host.open(host.options().withNotices(notices::add), taking("0"))) {
            controller.check(needs);
            controller.check(needs);
        }

        assertThat(notices)
                .containsExactly("the kernel (6.16.3-amd64) takes no swappiness with memory.reclaim, so policies with "
                        + "swappiness: 0, 60 go by its own (vm.swappiness): Linux 6.11 or newer takes it; where nothing "
                        + "may be swapped out, write swappiness: none");
        open(taking("0", "0 swappiness=60"), needs);
    }

    @Test
    void filesOnly_cannotBeAskedForWhereThereIsSwap() throws IOException {
        host.cgroup("a");
        host.cgroup("b");
        HostNeeds needs = new HostNeeds(USAGE, FakeHost.globs("a", "b"), Set.of(-2));

        assertThatThrownBy(() -> open(taking("0"), needs))
                .hasMessage("The kernel (6.16.3-amd64) cannot be asked for file pages only, as a policy does with "
                        + "swappiness: none, and its cgroups can swap: Linux 6.11 or newer is needed, or memory.swap.max "
                        + "of 0 in them, or swappiness: default in the policy.");

        open(taking("0", "0 swappiness=60"), needs);
        host.set("a", "memory.swap.max", "0\n");
        assertThatThrownBy(() -> open(taking("0"), needs)).isInstanceOf(HostLacksException.class);
        host.set("b", "memory.swap.max", "0\n");
        open(taking("0"), needs);
    }

    @Test
    void swappinessMaxNotTaken() throws IOException {
        CgroupFs kernel = taking("0", "0 swappiness=60");

        open(kernel, new HostNeeds(USAGE, List.of(), Set.of(0, 200)));
        assertThatThrownBy(() -> open(kernel, new HostNeeds(USAGE, List.of(), Set.of(201))))
                .hasMessage("The kernel (6.16.3-amd64) takes no swappiness=max, which a policy asks for: Linux 6.16 or "
                        + "newer is needed, or another swappiness in the policy.");
    }

    @Test
    void filesOnly_needsNothingWhereThereIsNoSwap() throws IOException {
        proc("meminfo", "MemTotal: 16777216 kB\nSwapFree: 0 kB\n");

        open(taking("0"), new HostNeeds(USAGE, List.of(), Set.of(-2)));
    }

    @Test
    void allLacksAtOnce() {
        FakeHost.remove(host.proc.resolve("pressure/memory"));
        host.set("", "cgroup.controllers", "cpu\n");

        assertThatThrownBy(() -> open(new CgroupFs(), new HostNeeds(PSI, List.of())))
                .isInstanceOfSatisfying(
                        HostLacksException.class, e -> assertThat(e.lacks()).hasSize(2));
    }

    @Test
    void whatIsRefusedLeavesNothingOpen() {
        host.set("", "cgroup.controllers", "cpu\n");
        AtomicInteger open = new AtomicInteger();
        CgroupFs counting = new CgroupFs() {
            @Override
            int openPath(Path point) throws IOException {
                int descriptor = super.openPath(point);
                open.incrementAndGet();
                return descriptor;
            }

            @Override
            int openForReading(Directory from, String file, Scratch scratch) throws IOException {
                int descriptor = super.openForReading(from, file, scratch);
                open.incrementAndGet();
                return descriptor;
            }

            @Override
            void close(int descriptor) {
                super.close(descriptor);
                open.decrementAndGet();
            }
        };

        assertThatThrownBy(() -> open(counting, new HostNeeds(USAGE, List.of())))
                .isInstanceOf(HostLacksException.class);
        assertThat(open).hasValue(0);
    }

    @Test
    void givenRoot_isNone() {
        Path given = directory.resolve("elsewhere");

        assertThatThrownBy(() -> Cgroup2Controller.open(host.options().withRoot(given), FakeHost.needs()))
                .isInstanceOf(HostLacksException.class)
                .hasMessage(
                        given + " is not a cgroup2 directory, for it has no cgroup.controllers: give the place where "
                                + "cgroup2 is mounted, usually /sys/fs/cgroup.");
    }

    @Test
    void ofSeveralMounts_thatWithTheController() throws IOException {
        Path other = directory.resolve("other");
        FakeHost.write(other.resolve("cgroup.controllers"), "hugetlb\n");
        mounts(FakeHost.mount(other, "rw", "cgroup2", "rw") + FakeHost.mount(host.root, "rw", "cgroup2", "rw"));

        try (Cgroup2Controller controller = host.open()) {
            assertThat(controller.root()).isEqualTo(host.root);
        }
    }

    private static CgroupFs unwritable() {
        return new CgroupFs() {
            @Override
            boolean writable(Path path) {
                return false;
            }
        };
    }

    /** A kernel that takes only these requests. */
    private static CgroupFs taking(String... requests) {
        return new CgroupFs() {
            @Override
            int write(FileChannel channel, ByteBuffer request) throws IOException {
                String text = StandardCharsets.US_ASCII.decode(request).toString();
                if (List.of(requests).contains(text)) {
                    return text.length();
                }
                throw new FileSystemException("", null, "Invalid argument");
            }
        };
    }

    private void mounts(String text) {
        proc("self/mountinfo", text);
    }

    private static String v1() {
        return FakeHost.mount(Path.of("/sys/fs/cgroup/memory"), "rw", "cgroup", "rw,memory");
    }

    private void proc(String file, String text) {
        FakeHost.write(host.proc.resolve(file), text);
    }

    private void open(CgroupFs fs, HostNeeds needs) throws IOException {
        Cgroup2Controller.open(host.options(), needs, fs, () -> {
                    throw new IOException("not watched here");
                })
                .close();
    }

    private void assertLacks(String sentence) {
        assertLacks(new CgroupFs(), USAGE, sentence);
    }

    private void assertLacks(CgroupFs fs, SignalSet signals, String sentence) {
        assertThatThrownBy(() -> open(fs, new HostNeeds(signals, FakeHost.globs("batch.slice/*.service"))))
                .isInstanceOf(HostLacksException.class)
                .hasMessage(sentence);
    }
}
