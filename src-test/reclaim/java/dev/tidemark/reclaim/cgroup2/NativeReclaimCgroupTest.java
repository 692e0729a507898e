package dev.tidemark.reclaim.cgroup2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against this host's own cgroup2, where threads may be moved in it. It needs no controller. */
class NativeReclaimCgroupTest {
    private static final long BURNT = 100_000_000;

    private final CgroupFs fs = new CgroupFs();
    private final HostFacts host = new HostFacts(Path.of("/proc"));
    private final String name = "tidemark-test-" + ProcessHandle.current().pid() + "-reclaim";

    @SuppressWarnings("NullAway.Init") // set before each
    private Path root;

    @SuppressWarnings("NullAway.Init") // set before each, or there is no test
    private Path own;

    @BeforeEach
    void findOwn() throws IOException {
        root = Mount.parse(host.mountInfo()).stream()
                .filter(mount -> mount.type().equals("cgroup2") && !mount.readOnly())
                .map(mount -> Path.of(mount.point()))
                .findFirst()
                .orElse(Path.of("/nowhere"));
        @Nullable Path found = OwnCgroup.find(fs, host, root).directory();
        assumeThat(found).as("a cgroup of our own").isNotNull();
        own = Objects.requireNonNull(found);
        assumeThat(Files.isWritable(own) && Files.isWritable(own.resolve("cgroup.threads")))
                .as("it is ours to divide")
                .isTrue();
        // Only the true root has no type, and is exempt.
        assumeThat(Files.notExists(own.resolve("cgroup.type"))
                        || fs.text(own.resolve("cgroup.subtree_control")).isBlank())
                .as("it hands on no controller to cgroups below it")
                .isTrue();
    }

    @AfterEach
    void removeCgroup() throws IOException {
        if (own != null) {
            Path made = own.resolve(name);
            long until = System.nanoTime() + 20_000_000_000L;
            // A thread that has been joined may still be on its way out of the kernel.
            while (Files.exists(made)
                    && fs.text(made.resolve("cgroup.events")).contains("populated 1")
                    && System.nanoTime() < until) {
                Thread.onSpinWait();
            }
            Files.deleteIfExists(made);
        }
    }

    private static void burn() {
        Scratch scratch = Scratch.mine();
        long until = LibC.threadCpuNanos(scratch.time()) + BURNT;
        while (LibC.threadCpuNanos(scratch.time()) < until) {
            Thread.onSpinWait();
        }
    }

    @Test
    void whatAWriterUsesCountsThere() throws Exception {
        ReclaimCgroup cgroup = ReclaimCgroup.open(fs, host, root, name, _ -> {});
        assertThat(fs.text(own.resolve(name).resolve("cgroup.type"))).isEqualTo("threaded\n");
        List<String> runsIn = new ArrayList<>();
        long[] cpu = new long[1];

        Thread writer = Thread.ofPlatform().start(() -> {
            cgroup.enter();
            cgroup.enter();
            try {
                runsIn.addAll(Files.readAllLines(Path.of("/proc/thread-self/cgroup")));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            burn();
            cpu[0] = LibC.threadCpuNanos(Scratch.mine().time());
        });
        Thread bystander = Thread.ofPlatform().start(NativeReclaimCgroupTest::burn);
        writer.join();
        bystander.join();

        assertThat(runsIn).anyMatch(line -> line.startsWith("0::") && line.endsWith("/" + name));
        assertThat(used(own.resolve(name)))
                .as("what the writer has used since it went there, and nothing of the other")
                .isBetween(BURNT, cpu[0] + BURNT / 2);
    }

    private long used(Path cgroup) throws IOException {
        return fs.text(cgroup.resolve("cpu.stat"))
                        .lines()
                        .filter(line -> line.startsWith("usage_usec "))
                        .mapToLong(line -> Long.parseLong(line.substring("usage_usec ".length())))
                        .findFirst()
                        .orElseThrow()
                * 1_000;
    }
}
