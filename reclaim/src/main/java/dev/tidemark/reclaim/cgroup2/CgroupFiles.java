package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files of one cgroup, kept open as far as the budget goes.
 *
 * <p>A descriptor is bound to the cgroup it was opened in: when that is removed, reads through it answer ENODEV, also
 * when another cgroup has its path by then. So the id is checked when a file is opened, and reads of open files need no
 * check. It is checked after opening: it stood there before we heard of it, the kernel never gives an id twice and a cgroup
 * cannot be renamed, so what is ours after was ours as the file was opened.
 *
 * <p><b>Thread:</b> any; reads run side by side. {@link #close} may come while a read runs: that read then opens the file
 * for itself. <b>Failure:</b> an interrupted thread loses the channel it reads from, as the JDK has it; the next read
 * opens it anew.
 */
@SuppressWarnings("EnumOrdinal") // an atomic array by ordinal is what an EnumMap is, without a lock for each read
final class CgroupFiles {
    /** In place of a length: the kernel does not have this file here, or does not fill it. */
    static final int NO_FILE = -1;

    private final CgroupFs fs;
    private final DescriptorBudget budget;
    private final Cgroup cgroup;
    private final Path directory;
    private final List<String> ancestors;

    // Both guarded by this.
    private final Map<KernelFile, FileChannel> kept = new EnumMap<>(KernelFile.class);
    private boolean closed;

    // What the file system calls the directory, once it is known to be ours: comparing is cheaper than getting the id.
    private volatile @Nullable Object key;

    CgroupFiles(CgroupFs fs, DescriptorBudget budget, Cgroup cgroup, Path directory) {
        this.fs = fs;
        this.budget = budget;
        this.cgroup = cgroup;
        this.directory = directory;
        this.ancestors = ancestors(cgroup.path());
    }

    private static List<String> ancestors(String path) {
        List<String> ancestors = new ArrayList<>();
        String above = path;
        while (!above.isEmpty()) {
            above = LimitCache.parent(above);
            ancestors.add(above);
        }
        return List.copyOf(ancestors);
    }

    /**
     * Reads the file into the scratch.
     *
     * @return its length, or {@link #NO_FILE}
     * @throws CgroupGoneException when the cgroup with this id is not there any more
     */
    int read(KernelFile file, Scratch scratch) throws IOException {
        @Nullable FileChannel open = kept(file);
        if (open != null) {
            try {
                return length(open, scratch);
            } catch (ClosedByInterruptException e) {
                forget(file, open);
                throw e;
            } catch (ClosedChannelException _) {
                // Closed under us: by close(), or by the interrupt of another reader. Ours is still to be answered.
                forget(file, open);
            }
        }
        return openAndRead(file, scratch);
    }

    private int openAndRead(KernelFile file, Scratch scratch) throws IOException {
        @Nullable FileChannel channel = openFile(directory.resolve(file.fileName()));
        if (channel == null) {
            return NO_FILE;
        }
        if (keep(file, channel)) {
            try {
                return length(channel, scratch);
            } catch (ClosedChannelException e) {
                forget(file, channel);
                throw e;
            }
        }
        try (channel) {
            return length(channel, scratch);
        }
    }

    private @Nullable FileChannel openFile(Path file) throws IOException {
        FileChannel channel;
        try {
            channel = fs.openForReading(file);
        } catch (IOException e) {
            requireSame();
            return switch (Errno.of(e)) {
                case NOENT, NOTSUP -> null;
                case NODEV -> throw new CgroupGoneException(cgroup);
                default -> throw e;
            };
        }
        try {
            requireSame();
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        return channel;
    }

    private int length(FileChannel channel, Scratch scratch) throws IOException {
        try {
            return fs.read(channel, scratch);
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException e) {
            return switch (Errno.of(e)) {
                case NODEV -> throw new CgroupGoneException(cgroup);
                // Pressure is switched off, on the whole host or in this cgroup.
                case NOTSUP -> NO_FILE;
                default -> throw e;
            };
        }
    }

    Path directory() {
        return directory;
    }

    /** The paths of the cgroups above, the nearest first, the root last; kept since they are asked for with each sample. */
    List<String> ancestors() {
        return ancestors;
    }

    /** Whether the directory is still the cgroup we mean. */
    void requireSame() throws IOException {
        @Nullable Object known = key;
        if (known == null) {
            // Before the id: should that then be ours, the key is.
            @Nullable Object present = keyNow();
            if (!isSame(fs, directory, cgroup.id())) {
                throw new CgroupGoneException(cgroup);
            }
            key = present;
        } else if (!known.equals(keyNow())) {
            throw new CgroupGoneException(cgroup);
        }
    }

    private @Nullable Object keyNow() throws IOException {
        try {
            return fs.key(directory);
        } catch (IOException e) {
            return switch (Errno.of(e)) {
                case NOENT, NODEV, NOTDIR -> null;
                default -> throw e;
            };
        }
    }

    static boolean isSame(CgroupFs fs, Path directory, long id) throws IOException {
        try {
            return fs.facts(directory).id() == id;
        } catch (IOException e) {
            return switch (Errno.of(e)) {
                case NOENT, NODEV, NOTDIR -> false;
                default -> throw e;
            };
        }
    }

    private synchronized @Nullable FileChannel kept(KernelFile file) {
        return kept.get(file);
    }

    private synchronized boolean keep(KernelFile file, FileChannel channel) {
        if (closed || kept.containsKey(file) || !budget.tryAcquire(file)) {
            return false;
        }
        kept.put(file, channel);
        return true;
    }

    private synchronized void forget(KernelFile file, FileChannel channel) {
        if (kept.remove(file, channel)) {
            budget.release(file);
        }
    }

    /** Lets go of every descriptor; idempotent. Blocks no longer than a read that is under way. */
    void close() throws IOException {
        @Nullable IOException failure = null;
        for (KernelFile file : KernelFile.values()) {
            @Nullable FileChannel channel = release(file);
            if (channel != null) {
                try {
                    channel.close();
                } catch (IOException e) {
                    failure = e;
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private synchronized @Nullable FileChannel release(KernelFile file) {
        closed = true;
        @Nullable FileChannel channel = kept.remove(file);
        if (channel != null) {
            budget.release(file);
        }
        return channel;
    }
}
