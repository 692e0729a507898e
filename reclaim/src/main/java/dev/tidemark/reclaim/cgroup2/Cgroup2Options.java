package dev.tidemark.reclaim.cgroup2;

import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/**
 * How to work on a host.
 *
 * @param reclaim where requests block; platform threads such as {@link #reclaimThreads}, as many as may write at once. Stays the
 *     caller's
 * @param nanos the clock that results, pushes and caches go by, nanoseconds
 * @param root of the cgroup2 hierarchy, or null to find it where it is mounted
 * @param proc where procfs is
 * @param dryRun everything but the write itself
 * @param descriptors most descriptors to keep open for reading; below 0 as many as the process limit allows, up to 32,768
 * @param pushes most descriptors to keep open for pushes; below 0 an eighth of the process limit, up to 1,024
 * @param reclaimCgroup in which the threads of {@code reclaim} are to run, below the cgroup of this process or, with a leading slash,
 *     from the root; null to leave them where they are. A thread goes there with its first request and stays, so these had better not
 *     be other people's
 * @param notices takes lines that the operator should read, each once; on a thread of the controller or of a reader, must not block
 */
public record Cgroup2Options(
        Scheduler reclaim,
        LongSupplier nanos,
        @Nullable Path root,
        Path proc,
        boolean dryRun,
        int descriptors,
        int pushes,
        @Nullable String reclaimCgroup,
        Consumer<String> notices) {

    /**
     * A scheduler for {@code reclaim}, where a request that is stuck in the kernel holds up no other as long as one thread is free. Stays the
     * caller's, to be disposed of after the controller.
     *
     * @param threads at most; as many as may write at once and as many again as may be stuck meanwhile
     */
    public static Scheduler reclaimThreads(int threads) {
        return ReclaimThreads.atMost(threads);
    }

    /** The root found by itself, requests really carried out, descriptors by the process limit, notices not read. */
    public static Cgroup2Options of(Scheduler reclaim, LongSupplier nanos) {
        return new Cgroup2Options(reclaim, nanos, null, Path.of("/proc"), false, -1, -1, null, _ -> {});
    }

    public Cgroup2Options withRoot(@Nullable Path root) {
        return new Cgroup2Options(reclaim, nanos, root, proc, dryRun, descriptors, pushes, reclaimCgroup, notices);
    }

    public Cgroup2Options withProc(Path proc) {
        return new Cgroup2Options(reclaim, nanos, root, proc, dryRun, descriptors, pushes, reclaimCgroup, notices);
    }

    public Cgroup2Options withDryRun(boolean dryRun) {
        return new Cgroup2Options(reclaim, nanos, root, proc, dryRun, descriptors, pushes, reclaimCgroup, notices);
    }

    public Cgroup2Options withDescriptors(int descriptors) {
        return new Cgroup2Options(reclaim, nanos, root, proc, dryRun, descriptors, pushes, reclaimCgroup, notices);
    }

    public Cgroup2Options withPushes(int pushes) {
        return new Cgroup2Options(reclaim, nanos, root, proc, dryRun, descriptors, pushes, reclaimCgroup, notices);
    }

    public Cgroup2Options withReclaimCgroup(@Nullable String reclaimCgroup) {
        return new Cgroup2Options(reclaim, nanos, root, proc, dryRun, descriptors, pushes, reclaimCgroup, notices);
    }

    public Cgroup2Options withNotices(Consumer<String> notices) {
        return new Cgroup2Options(reclaim, nanos, root, proc, dryRun, descriptors, pushes, reclaimCgroup, notices);
    }
}
