package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.reclaim.WritebackResult;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Starts the writeback of what a cgroup has dirtied, before reclaim meets it.
 *
 * <p>Dirty pages cannot be reclaimed: reclaim moves them out of its own way and wakes the flushers, and the writer is
 * throttled once a fifth of its cgroup is dirty. Nothing in cgroup2 starts writeback for a cgroup, so this does it for the
 * regular files that its tasks, and those of the cgroups below it, have open for writing. That reaches pages which others
 * dirtied in those files, and does not reach files that were closed since, or are only mapped: it is a help, not a
 * guarantee.
 *
 * <p>To find the files takes some ten system calls a task, on a thread that competes with reclaim for its CPU, and is for nothing while
 * a cgroup only reads: so memory.stat is asked first. What is under writeback counts too, since whoever writes is throttled over both.
 * It may be late by as many pages as the kernel lets pass before it adds up ({@code memcg_rstat_updated}, {@code
 * memcg_vmstats_needs_flush}, mm/memcontrol.c): where that may hide what has grown, it is not asked.
 *
 * <p><b>Thread:</b> the work blocks on the scheduler given, also while a disk's queue is full. <b>Back-pressure:</b> none;
 * callers keep to one call a cgroup. <b>Time:</b> the clock given, nanoseconds. <b>Failure:</b> tasks and files go away all
 * the time: what cannot be looked at is passed over, files that refuse are counted in the result. A cgroup that is gone has
 * no files.
 */
final class EarlyWriteback {
    /** A bound for one call; the rest has its turn with the next. */
    private static final int MOST_FILES = 256;

    private static final int MOST_TASKS = 1_024;
    private static final int MOST_CGROUPS = 256;

    /** In the mode of the links in /proc/PID/fd: open for writing. */
    private static final int OWNER_MAY_WRITE = 0200;

    /** Twice {@code MEMCG_CHARGE_BATCH}: what a CPU keeps to itself, and its share of what may lie before a reader has it added up. */
    private static final long LATE_PAGES_PER_CPU = 2 * 64;

    /** Of what has grown, one part in so many. */
    private static final int HARDLY_ANY = 16;

    private final CgroupFs fs;
    private final Path proc;
    private final Path root;
    private final LongSupplier nanos;
    private final boolean dryRun;
    private final WritebackCall call;
    private final Scheduler scheduler;
    private final Function<Cgroup, CgroupFiles> files;
    private final FilePlan stat;
    private final int dirtyKey;
    private final int writebackKey;
    private final double lateBytes;

    EarlyWriteback(
            CgroupFs fs,
            HostFacts host,
            int pageBytes,
            Path root,
            LongSupplier nanos,
            boolean dryRun,
            WritebackCall call,
            Scheduler scheduler,
            Function<Cgroup, CgroupFiles> files) {
        this.fs = fs;
        this.proc = host.proc();
        this.root = root;
        this.nanos = nanos;
        this.dryRun = dryRun;
        this.call = call;
        this.scheduler = scheduler;
        this.files = files;
        this.stat = new FilePlan(KernelFile.STAT.format(), pageBytes);
        this.dirtyKey = stat.key("file_dirty");
        this.writebackKey = stat.key("file_writeback");
        this.lateBytes = (double) LATE_PAGES_PER_CPU * host.onlineCpus() * pageBytes;
    }

    /** Lazy: starts on subscription, on the scheduler. */
    Mono<WritebackResult> startWriteback(Cgroup cgroup, long grownBytes) {
        return Mono.fromCallable(() -> start(isWritten(cgroup, grownBytes) ? tasks(cgroup) : Set.of()))
                .subscribeOn(scheduler);
    }

    /** Whether any of that much growth may be dirt, as far as the kernel tells. */
    private boolean isWritten(Cgroup cgroup, long grownBytes) {
        double hardlyAny = (double) grownBytes / HARDLY_ANY;
        if (lateBytes >= grownBytes - hardlyAny) {
            return true;
        }
        Scratch scratch = Scratch.mine();
        try {
            int length = files.apply(cgroup).readAlone(KernelFile.STAT, scratch);
            if (length == CgroupFiles.NO_FILE) {
                return true;
            }
            double[] found = stat.find(scratch, length);
            return !(found[dirtyKey] + found[writebackKey] < hardlyAny);
        } catch (IOException _) {
            // Gone, or not ours to read: looking for its tasks finds out which.
            return true;
        }
    }

    /** The same for this process alone. */
    Mono<WritebackResult> rehearse() {
        return Mono.fromCallable(() -> start(Set.of("self"))).subscribeOn(scheduler);
    }

    private WritebackResult start(Set<String> tasks) {
        long started = nanos.getAsLong();
        Set<Object> seen = new HashSet<>();
        int failed = 0;
        for (String task : tasks) {
            Path descriptors = proc.resolve(task).resolve("fd");
            for (String descriptor : names(descriptors)) {
                if (seen.size() >= MOST_FILES) {
                    break;
                }
                Path link = descriptors.resolve(descriptor);
                if (dirtied(link, seen) && !dryRun) {
                    try {
                        call.start(link.toString());
                    } catch (IOException _) {
                        failed++;
                    }
                }
            }
        }
        return new WritebackResult(seen.size() - failed, failed, started, nanos.getAsLong());
    }

    /** Whether this is a regular file open for writing, and not one already seen under another descriptor. */
    private static boolean dirtied(Path link, Set<Object> seen) {
        try {
            if (!(Files.getAttribute(link, "unix:mode", LinkOption.NOFOLLOW_LINKS) instanceof Integer mode)
                    || (mode & OWNER_MAY_WRITE) == 0) {
                return false;
            }
            // Only now followed: to look at a device or pipe is harmless, to open one may not be.
            var file = Files.readAttributes(link, "unix:isRegularFile,dev,ino,size");
            // An empty one has nothing to write. And to close what was opened of a file of our own drops the process's
            // lock on
            // it (fcntl(2)); files that are there to be locked are empty.
            return Boolean.TRUE.equals(file.get("isRegularFile"))
                    && !Long.valueOf(0).equals(file.get("size"))
                    && seen.add(List.of(file.get("dev"), file.get("ino")));
        } catch (IOException _) {
            // Closed meanwhile.
            return false;
        }
    }

    private List<String> names(Path directory) {
        try {
            return fs.names(directory);
        } catch (IOException _) {
            // The task has ended, or is not ours to look at.
            return List.of();
        }
    }

    /** Process ids, of the cgroup and of those below it. */
    private Set<String> tasks(Cgroup cgroup) {
        Set<String> tasks = new HashSet<>();
        Path top = root.resolve(cgroup.path());
        try {
            if (!fs.isSame(new Directory(top), cgroup.id())) {
                throw new CgroupGoneException(cgroup);
            }
            addTasks(top, tasks);
        } catch (IOException _) {
            // Gone, or going: it has nothing to write any more.
            return Set.of();
        }
        return tasks;
    }

    private void addTasks(Path top, Set<String> tasks) throws IOException {
        Deque<Path> cgroups = new ArrayDeque<>(List.of(top));
        int looked = 0;
        while (!cgroups.isEmpty() && looked++ < MOST_CGROUPS && tasks.size() < MOST_TASKS) {
            Path directory = cgroups.removeFirst();
            for (String task :
                    fs.text(directory.resolve("cgroup.procs")).lines().toList()) {
                // 0 stands for a task outside our pid namespace.
                if (!task.equals("0")) {
                    tasks.add(task);
                }
            }
            if (fs.facts(directory).links() != 2) {
                for (String name : fs.names(directory)) {
                    Path below = directory.resolve(name);
                    if (fs.facts(below).directory()) {
                        cgroups.add(below);
                    }
                }
            }
        }
    }
}
