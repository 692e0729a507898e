package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The files of one cgroup, kept open as far as the budget goes.
 *
 * <p>A descriptor is bound to the cgroup it was opened in: when that is removed, reads through it answer ENODEV, also
 * when another cgroup has its path by then. So the id is checked when files have been opened, and reads of open files need no
 * check. It is checked afterwards: the cgroup stood there before we heard of it, the kernel never gives an id twice and a cgroup
 * cannot be renamed, so what is ours after was ours as each of the files was opened. One check serves all that are opened for one
 * sample, and a read of a kept file that comes after them is as good; what is to be kept is checked before. So a sample opens all that
 * it has to before it reads any of it, and one kept file of a cgroup spares the check.
 *
 * <p><b>Thread:</b> any; reads run side by side. {@link #close} may come while a read runs, which is not disturbed.
 */
@SuppressWarnings("EnumOrdinal") // arrays by ordinal are what an EnumMap is, without a lock for each read
final class CgroupFiles extends KeptFiles {
    /** In place of a length: the kernel does not have this file here, or does not fill it. */
    static final int NO_FILE = -1;

    private static final int FILES = KernelFile.values().length;

    /** By then all cgroups that have appeared at once have been read. */
    private static final long SETTLED_NANOS = Duration.ofSeconds(2).toNanos();

    private final Cgroup cgroup;
    private final Directory directory;
    private final Level level;
    private final long sinceNanos;

    // Races are harmless: a place is only ever where to look first.
    private @Nullable KeyPlaces places;

    private volatile @Nullable OwnShare share;
    private boolean shareWanted;

    private KernelFile[] wanted = {};

    /** When it was last asked for; for those who let go of what nobody reads. */
    long usedNanos;

    CgroupFiles(CgroupFs fs, Room budget, Cgroup cgroup, Level level, long now) {
        super(fs, budget, FILES);
        this.cgroup = cgroup;
        this.directory = level.directory();
        this.level = level;
        this.sinceNanos = now;
        this.usedNanos = now;
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
        return enter();
    }

    void leave(Scratch scratch) {
        scratch.once().closeAll(fs);
        leave();
    }

    /** Opens those of the files to be read that are not kept, between {@link #enter} and {@link #leave}. */
    void open(KernelFile[] files, Scratch scratch) throws IOException {
        wanted = files;
        for (KernelFile file : files) {
            if (descriptor(file.ordinal()) == NONE) {
                open(file, scratch);
            }
        }
    }

    /**
     * Reads the file into the scratch, between {@link #enter} and {@link #leave}.
     *
     * @return its length, or {@link #NO_FILE}
     * @throws CgroupGoneException when the cgroup with this id is not there any more
     */
    int read(KernelFile file, Scratch scratch) throws IOException {
        int number = file.ordinal();
        if (descriptor(number) == NONE && !scratch.once().has(number)) {
            open(file, scratch);
        }
        int descriptor = descriptor(number);
        if (descriptor == NONE) {
            int once = scratch.once().take(number);
            return once == NONE ? NO_FILE : readAndClose(once, scratch);
        }
        int length = length(descriptor, scratch);
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
            return descriptor == NONE ? NO_FILE : readAndClose(descriptor, scratch);
        }
        try {
            int length = read(file, scratch);
            prove(scratch);
            return length;
        } finally {
            leave(scratch);
        }
    }

    private void open(KernelFile file, Scratch scratch) throws IOException {
        int number = file.ordinal();
        int descriptor = open(file.fileName(), scratch);
        if (descriptor == NONE || !mayKeep(file) || !reserve(number)) {
            scratch.unproven |= descriptor != NONE;
            scratch.once().put(number, descriptor);
            return;
        }
        try {
            requireSame();
        } catch (IOException | RuntimeException e) {
            release(number);
            fs.close(descriptor);
            throw e;
        }
        keep(number, descriptor);
    }

    /**
     * Where very many cgroups appear at once, each is to have its memory.current kept before any has more: it is what is read most
     * often, and what spares the check. So the others are kept a little later.
     */
    private boolean mayKeep(KernelFile file) {
        return file == KernelFile.CURRENT || usedNanos - sinceNanos >= SETTLED_NANOS;
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
                case NOENT, NOTSUP -> NONE;
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

    /** What its last sample was read from. */
    KernelFile[] wanted() {
        return wanted;
    }

    /** What of its scans and steals is the agent's own; null as long as no write has counted in it. */
    @Nullable
    OwnShare share(OwnShares shares) {
        if (!shareWanted) {
            @Nullable OwnShare known = shares.of(cgroup);
            if (known != null) {
                share = known;
            }
            shareWanted = true;
        }
        return share;
    }

    /** From here on it is to be told apart. */
    void share(OwnShare begun) {
        share = begun;
    }

    /** Where this cgroup's file had the keys of a plan the last time. */
    KeyPlaces places(KernelFile file, FilePlan plan) {
        for (@Nullable KeyPlaces known = places; known != null; known = known.next()) {
            if (known.isOf(plan)) {
                return known;
            }
        }
        KeyPlaces begun = new KeyPlaces(file, plan, KeyPlaces.without(file, places));
        places = begun;
        return begun;
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
}
