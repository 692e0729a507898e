package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.triggers.CgroupGoneException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Breaks writes off whose cgroup is about to be removed.
 *
 * <p>rmdir(2) waits for writes to the cgroup's files that are under way, with a lock held for which every other change of a cgroup waits
 * ({@code kernfs_drain} under {@code cgroup_mutex}), and inotify tells of it when that is over. But there are signs before: the last task has
 * left ({@code populated 0} in cgroup.events), after which whoever made the cgroup removes it; and memory.current, which is removed
 * before memory.reclaim, answers ENODEV. So both are looked at while a write is under way. That the cgroup had no tasks from the
 * start is no sign: its cache may be reclaimed for as long as it stands.
 *
 * <p><b>Thread:</b> one daemon thread, which rests while nothing is under way; {@link #begun} and {@link #stop} may be called from any. It reads
 * through descriptors that are open: to look a name up in a directory that is being removed would wait for the removal. <b>Time:</b> real time;
 * a write is looked at every {@link #EVERY}. <b>Failure:</b> what cannot be read is no sign.
 */
final class RemovalWatch {
    static final Duration EVERY = Duration.ofMillis(10);

    private static final String POPULATED = "populated 1";

    private final Set<InFlight> inFlight;
    private final Consumer<InFlight> breakOff;
    private final Thread thread;
    private volatile boolean resting;
    private volatile boolean stopped;

    /**
     * Rests until something {@linkplain #begun has begun}.
     *
     * @param inFlight what is under way, of which that counts which {@linkplain InFlight#files is watched}; may be read by any thread
     * @param breakOff must not block
     */
    RemovalWatch(Set<InFlight> inFlight, Consumer<InFlight> breakOff) {
        this.inFlight = inFlight;
        this.breakOff = breakOff;
        this.thread =
                Thread.ofPlatform().daemon().name("tidemark-cgroup-removal").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    void stop() {
        stopped = true;
        LockSupport.unpark(thread);
    }

    void awaitEnd(Duration atMost) throws InterruptedException {
        thread.join(atMost.toMillis());
    }

    /** Something is in flight that was not, and is to be looked at. */
    void begun() {
        if (resting) {
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        while (!stopped) {
            if (nothingToSee()) {
                resting = true;
                // Whoever begins after this look sees that we rest.
                if (nothingToSee() && !stopped) {
                    LockSupport.park(this);
                }
                resting = false;
            } else {
                LockSupport.parkNanos(this, EVERY.toNanos());
                inFlight.stream().filter(RemovalWatch::goes).forEach(breakOff);
            }
        }
    }

    /** What has been broken off may be stuck for hours. */
    private boolean nothingToSee() {
        return inFlight.stream().allMatch(InFlight::isCancelled);
    }

    private static boolean goes(InFlight flight) {
        CgroupFiles files = flight.files();
        if (files == null || flight.isCancelled()) {
            return false;
        }
        try {
            files.readAlone(KernelFile.CURRENT, Scratch.mine());
            return flight.wasPopulated() && !isPopulated(files);
        } catch (CgroupGoneException _) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    /** Whether the cgroup or one below it has tasks; also where that is not told. Opens the file, the first time. */
    static boolean isPopulated(CgroupFiles files) throws IOException {
        Scratch scratch = Scratch.mine();
        int length = files.readAlone(KernelFile.CGROUP_EVENTS, scratch);
        return length == CgroupFiles.NO_FILE
                || new String(scratch.bytes(length), 0, length, StandardCharsets.US_ASCII).contains(POPULATED);
    }
}
