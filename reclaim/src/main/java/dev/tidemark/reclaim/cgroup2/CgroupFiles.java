package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The files of one cgroup, kept open as far as the budget goes.
 *
 * <p>A descriptor is bound to the cgroup it was opened in: when that is removed, reads through it answer ENODEV, also
 * when another cgroup has its path by then. So the id is checked when files have been opened, and reads of open files need no
 * check. It is checked afterwards: the cgroup stood there before we heard of it, the kernel never gives an id twice and a cgroup
 * cannot be renamed, so what is ours after was ours as each of the files was opened. One check serves all that are opened for one
 * sample, and a read of an open file that comes after them is as good; what is to be kept is checked before.
 *
 * <p><b>Thread:</b> any; reads run side by side. {@link #close} may come while a read runs, which is not disturbed.
 */
@SuppressWarnings("EnumOrdinal") // arrays by ordinal are what an EnumMap is, without a lock for each read
final class CgroupFiles {
    /** In place of a length: the kernel does not have this file here, or does not fill it. */
    static final int NO_FILE = -1;

    private static final int FILES = KernelFile.values().length;

    private final CgroupFs fs;
    private final Cgroup cgroup;
    private final Directory directory;
    private final Level level;
    private final KeptFiles kept;

    // Races are harmless: a place is only ever where to look first.
    private final @Nullable KeyPlaces[] places = new KeyPlaces[FILES];

    // There is one of a cgroup until it is gone, and then this is gone too.
    private volatile @Nullable OwnShare share;

    /** When it was last asked for; for those who let go of what nobody reads. */
    long usedNanos;

    CgroupFiles(CgroupFs fs, KeptFiles.Room budget, Cgroup cgroup, Level level) {
        this.fs = fs;
        this.cgroup = cgroup;
        this.directory = level.directory();
        this.level = level;
        this.kept = new KeptFiles(fs, budget, FILES);
    }

    Directory directory() {
        return directory;
    }

    /** Its limits and those of the cgroups above. */
    Level level() {
        return level;
    }

    /**
     * Begins the reads of one sample. False once it is closed: then another is to be asked for. Otherwise {@link #prove} has to follow
     * before what has been read is believed, and {@link #leave} in any case.
     */
    boolean enter(Scratch scratch) {
        scratch.unproven = false;
        return kept.enter();
    }

    void leave() {
        kept.leave();
    }

    /**
     * Reads the file into the scratch, between {@link #enter} and {@link #leave}.
     *
     * @return its length, or {@link #NO_FILE}
     * @throws CgroupGoneException when the cgroup with this id is not there any more
     */
    int read(KernelFile file, Scratch scratch) throws IOException {
        int open = kept.descriptor(file.ordinal());
        if (open == KeptFiles.NONE) {
            return openAndRead(file, scratch);
        }
        int length = length(open, scratch);
        // The cgroup is still there, so what was opened by its path before was its own.
        scratch.unproven &= length == NO_FILE;
        return length;
    }

    /** Reads one file, all by itself. */
    int readAlone(KernelFile file, Scratch scratch) throws IOException {
        if (!enter(scratch)) {
            // Nobody keeps what is opened here any more.
            int descriptor = open(file.fileName(), scratch);
            requireSame();
            return descriptor == KeptFiles.NONE ? NO_FILE : readAndClose(descriptor, scratch);
        }
        try {
            int length = read(file, scratch);
            prove(scratch);
            return length;
        } finally {
            leave();
        }
    }

    private int openAndRead(KernelFile file, Scratch scratch) throws IOException {
        int descriptor = open(file.fileName(), scratch);
        if (descriptor == KeptFiles.NONE) {
            return NO_FILE;
        }
        if (!kept.reserve(file.ordinal())) {
            scratch.unproven = true;
            return readAndClose(descriptor, scratch);
        }
        try {
            requireSame();
        } catch (IOException | RuntimeException e) {
            kept.release(file.ordinal());
            fs.close(descriptor);
            throw e;
        }
        kept.keep(file.ordinal(), descriptor);
        return length(descriptor, scratch);
    }

    private int readAndClose(int descriptor, Scratch scratch) throws IOException {
        try {
            return length(descriptor, scratch);
        } finally {
            fs.close(descriptor);
        }
    }

    private int open(String file, Scratch scratch) throws IOException {
        try {
            return fs.openForReading(directory, file, scratch);
        } catch (IOException e) {
            requireSame();
            return switch (Errno.of(e)) {
                case NOENT, NOTSUP -> KeptFiles.NONE;
                case NODEV -> throw new CgroupGoneException(cgroup);
                default -> throw e;
            };
        }
    }

    private int length(int descriptor, Scratch scratch) throws IOException {
        try {
            return fs.read(descriptor, scratch);
        } catch (IOException e) {
            return switch (Errno.of(e)) {
                case NODEV -> throw new CgroupGoneException(cgroup);
                // Pressure is switched off, on the whole host or in this cgroup.
                case NOTSUP -> NO_FILE;
                default -> throw e;
            };
        }
    }

    /** What of its scans and steals is the agent's own, measured from now on. */
    OwnShare share(OwnShares shares) {
        @Nullable OwnShare known = share;
        if (known == null) {
            known = shares.of(cgroup);
            share = known;
        }
        return known;
    }

    /** Where this cgroup's file had the keys of a plan the last time. */
    KeyPlaces places(KernelFile file, FilePlan plan) {
        @Nullable KeyPlaces known = places[file.ordinal()];
        if (known == null || !known.isOf(plan)) {
            known = new KeyPlaces(plan);
            places[file.ordinal()] = known;
        }
        return known;
    }

    /** Whether what has been read since {@link #enter} is this cgroup's. */
    void prove(Scratch scratch) throws IOException {
        if (scratch.unproven) {
            scratch.unproven = false;
            requireSame();
        }
    }

    /** Whether the directory is still the cgroup we mean. */
    void requireSame() throws IOException {
        if (!fs.isSame(directory, cgroup.id())) {
            throw new CgroupGoneException(cgroup);
        }
    }

    /** Lets go of every descriptor, of those that are read through once they have been; idempotent. */
    void close() {
        kept.close();
    }
}
