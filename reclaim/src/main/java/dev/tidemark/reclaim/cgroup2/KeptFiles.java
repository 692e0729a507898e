package dev.tidemark.reclaim.cgroup2;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * Descriptors of files that are read again and again, by a number of each.
 *
 * <p>The number of a descriptor that is closed may a moment later be that of any other file. So they are used between {@link #enter} and
 * {@link #leave} only, and closed by the last to leave.
 *
 * <p><b>Thread:</b> any; nothing here waits.
 */
class KeptFiles {
    /** In place of a descriptor. */
    static final int NONE = -1;

    // In the object itself, as this is part of whatever has files: of ten thousand cgroups each further object is a
    // cache
    // miss a sample.
    private static final AtomicIntegerFieldUpdater<KeptFiles> INSIDE =
            AtomicIntegerFieldUpdater.newUpdater(KeptFiles.class, "inside");

    private static final int RESERVED = -2;
    private static final int CLOSED = Integer.MIN_VALUE;

    /** What says whether one more file may be kept. */
    interface Room {
        Room ENOUGH = new Room() {
            @Override
            public boolean tryAcquire(int file) {
                return true;
            }

            @Override
            public void release(int file) {}
        };

        boolean tryAcquire(int file);

        void release(int file);
    }

    final CgroupFs fs;
    private final Room room;
    // Written under a lock, read without: who does not see one yet opens the file for itself.
    private final int[] descriptors;
    // How many are inside, and CLOSED once nobody may come in any more.
    @SuppressWarnings("unused") // by INSIDE
    private volatile int inside;

    KeptFiles(CgroupFs fs, Room room, int files) {
        this.fs = fs;
        this.room = room;
        this.descriptors = new int[files];
        Arrays.fill(descriptors, NONE);
    }

    /** False once it is closed; otherwise {@link #leave} has to follow. */
    final boolean enter() {
        while (true) {
            int now = inside;
            if (now < 0) {
                return false;
            }
            if (INSIDE.compareAndSet(this, now, now + 1)) {
                return true;
            }
        }
    }

    final void leave() {
        if (INSIDE.decrementAndGet(this) == CLOSED) {
            closeAll();
        }
    }

    /** The descriptor of a file; {@link #NONE} when it is not kept. Inside only. */
    final int descriptor(int file) {
        return Math.max(descriptors[file], NONE);
    }

    /** Whether a file that has been opened may be kept: then {@link #keep} or {@link #release} has to follow. Inside only. */
    final synchronized boolean reserve(int file) {
        if (descriptors[file] != NONE || !room.tryAcquire(file)) {
            return false;
        }
        descriptors[file] = RESERVED;
        return true;
    }

    final synchronized void keep(int file, int descriptor) {
        descriptors[file] = descriptor;
    }

    final synchronized void release(int file) {
        descriptors[file] = NONE;
        room.release(file);
    }

    /** Nobody comes in any more; who is inside is not disturbed, and its last closes what there is. Idempotent. */
    final void close() {
        while (true) {
            int now = inside;
            if (now < 0) {
                return;
            }
            if (INSIDE.compareAndSet(this, now, now | CLOSED)) {
                if (now == 0) {
                    closeAll();
                }
                return;
            }
        }
    }

    // Once only: the count cannot rise from CLOSED, and falls to it once.
    private synchronized void closeAll() {
        for (int file = 0; file < descriptors.length; file++) {
            if (descriptors[file] >= 0) {
                fs.close(descriptors[file]);
                descriptors[file] = NONE;
                room.release(file);
            }
        }
    }
}
