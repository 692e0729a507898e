package dev.tidemark.reclaim.cgroup2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The cgroup of the operator's choice in which the threads run that write to memory.reclaim, so that its cpu.stat tells what reclaim
 * costs and its cpu.max bounds it.
 *
 * <p>The kernel moves single threads only within one resource domain (Documentation/admin-guide/cgroup-v2.rst, "Threads"): the cgroup has
 * to be {@code threaded} and to lie below the one that the process is in, which then must hand on no controller but threaded ones (cpu,
 * cpuset, pids, perf_event) and have no other cgroups with tasks; the root is exempt from that. Only the CPU is told apart so:
 * memory stays with the process.
 *
 * <p><b>Thread:</b> {@link #enter} by the thread that is to be moved, which waits for a lock of all cgroups the first time, some 10 ms.
 * <b>Failure:</b> at the start an error with the remedy; later, when a thread that is new cannot enter, it works where it is, told once.
 */
final class ReclaimCgroup {
    private static final String TYPE = "cgroup.type";
    private static final String THREADS = "cgroup.threads";
    private static final String THREADED = "threaded";
    private static final String CPU = "cpu";

    /** For the kernel the thread that writes it; so nobody needs to know its number in which namespace. */
    private static final String MYSELF = "0";

    private final CgroupFs fs;
    private final Path directory;
    private final Consumer<String> notices;
    private final ThreadLocal<Boolean> entered = ThreadLocal.withInitial(() -> false);
    private final AtomicBoolean told = new AtomicBoolean();

    private ReclaimCgroup(CgroupFs fs, Path directory, Consumer<String> notices) {
        this.fs = fs;
        this.directory = directory;
        this.notices = notices;
    }

    /**
     * Makes the cgroup where it is not there yet, makes it threaded where it is not, and has a thread enter it. Blocks.
     *
     * @param path below the agent's own cgroup; with a leading slash from the root of the hierarchy
     * @throws HostLacksException when the writers cannot run there, with the reason and the remedy
     */
    static ReclaimCgroup open(CgroupFs fs, HostFacts host, Path root, String path, Consumer<String> notices)
            throws IOException, InterruptedException {
        @Nullable Path own = OwnCgroup.find(fs, host, root).directory();
        if (own == null) {
            throw lacks(
                    path,
                    "the agent's own cgroup cannot be told from " + host.proc().resolve("self/cgroup")
                            + " (in a container: run it with --cgroupns=host)");
        }
        Path directory = (path.startsWith("/") ? root.resolve(path.substring(1)) : own.resolve(path)).normalize();
        if (!directory.startsWith(own) || directory.equals(own)) {
            throw lacks(
                    path,
                    directory + " is not below the agent's own cgroup, " + own
                            + ", and the kernel moves single threads nowhere else: give a path below that, such as reclaim");
        }
        ReclaimCgroup cgroup = new ReclaimCgroup(fs, directory, notices);
        cgroup.make(path, own);
        cgroup.probe(path);
        cgroup.handOnCpu();
        return cgroup;
    }

    private static HostLacksException lacks(String path, String why) {
        return new HostLacksException(List.of("The writers cannot run in the cgroup " + path + ": " + why + "."));
    }

    private void make(String path, Path own) throws IOException {
        try {
            if (!fs.exists(directory)) {
                fs.makeDirectory(directory);
            }
            if (!fs.text(directory.resolve(TYPE)).strip().equals(THREADED)) {
                write(directory.resolve(TYPE), THREADED);
            }
        } catch (IOException e) {
            throw lacks(
                    path,
                    switch (Errno.of(e)) {
                        case NOTSUP ->
                            directory + " cannot become threaded: it must have no tasks yet, and " + own
                                    + " must hand on no controllers but cpu, cpuset, pids and perf_event (cgroup.subtree_control) and have no "
                                    + "other cgroups with tasks";
                        case NOENT -> directory + " is no cgroup, and the cgroup above it is not there: make it first";
                        default -> notAllowed(e);
                    });
        }
    }

    private String notAllowed(IOException e) {
        return directory + " cannot be made or written to (" + words(e)
                + "): run the agent as root, or have its cgroup delegated (systemd: Delegate=cpu)";
    }

    private static String words(IOException e) {
        Errno errno = Errno.of(e);
        return errno == Errno.OTHER ? String.valueOf(e.getMessage()) : errno.name();
    }

    /** With a thread that is good for nothing else: what has entered does not come back. */
    private void probe(String path) throws InterruptedException {
        @Nullable IOException[] failed = new IOException[1];
        Thread thread = Thread.ofPlatform().name("tidemark-reclaim-probe").start(() -> {
            try {
                write(directory.resolve(THREADS), MYSELF);
            } catch (IOException e) {
                failed[0] = e;
            }
        });
        thread.join();
        IOException e = failed[0];
        if (e != null) {
            throw lacks(
                    path,
                    Errno.of(e) == Errno.NOTSUP
                            ? directory
                                    + " takes no threads of this process, which is of another resource domain: make it anew below the "
                                    + "agent's own cgroup"
                            : notAllowed(e));
        }
    }

    /** Without the controller cpu.stat has what was used all the same, but there is no cpu.max. */
    private void handOnCpu() {
        @Nullable Path above = directory.getParent();
        try {
            if (above != null && !words(above, KernelFile.SUBTREE_CONTROL).contains(CPU)) {
                if (words(above, KernelFile.CONTROLLERS).contains(CPU)) {
                    write(above.resolve(KernelFile.SUBTREE_CONTROL), "+" + CPU);
                } else {
                    notices.accept("the cgroup of the writers, " + directory
                            + ", has no cpu.max: the cpu controller is not enabled for " + above
                            + " (systemd: Delegate=cpu); its cpu.stat counts all the same");
                }
            }
        } catch (IOException e) {
            notices.accept("the cgroup of the writers, " + directory + ", has no cpu.max: " + words(e)
                    + " when enabling the cpu controller in " + above + "; its cpu.stat counts all the same");
        }
    }

    private List<String> words(Path of, String file) throws IOException {
        return List.of(fs.text(of.resolve(file)).strip().split("\\s+", -1));
    }

    /** Has the calling thread run there from now on. Does nothing the next time. */
    void enter() {
        if (entered.get()) {
            return;
        }
        // Also when it fails: not to be tried with each write.
        entered.set(true);
        try {
            write(directory.resolve(THREADS), MYSELF);
        } catch (IOException e) {
            if (told.compareAndSet(false, true)) {
                notices.accept("a writer could not enter " + directory + " (" + words(e)
                        + "): what it costs counts for the agent's own cgroup");
            }
        }
    }

    private void write(Path file, String text) throws IOException {
        try (FileChannel channel = fs.openForWriting(file)) {
            fs.write(channel, ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        }
    }
}
