package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.reclaim.cgroup2.KernelFile.Format;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files of /proc that host signals are read from, kept open.
 *
 * <p><b>Thread:</b> any; reads run side by side. {@link #close} may come while a read runs: that read fails or opens the file for
 * itself. <b>Failure:</b> an interrupted thread loses the channel it reads from, as the JDK has it; the next read opens it anew.
 */
final class HostFiles {
    private final CgroupFs fs;
    private final Path proc;

    // Both guarded by this.
    private final Map<String, FileChannel> kept = new HashMap<>();
    private boolean closed;

    HostFiles(CgroupFs fs, Path proc) {
        this.fs = fs;
        this.proc = proc;
    }

    /** How a file below /proc is written. */
    static Format format(String file) {
        return switch (file) {
            case "meminfo" -> Format.MEMINFO;
            case "vmstat" -> Format.KEYED;
            default -> Format.PRESSURE;
        };
    }

    /**
     * Reads the file into the scratch.
     *
     * @param file its path below /proc
     * @return its length, or {@link CgroupFiles#NO_FILE} where the kernel has none or has it switched off
     */
    int read(String file, Scratch scratch) throws IOException {
        @Nullable FileChannel open = kept(file);
        if (open != null) {
            try {
                return length(open, scratch);
            } catch (ClosedByInterruptException e) {
                forget(file, open);
                throw e;
            } catch (ClosedChannelException _) {
                // By the interrupt of another reader. Ours is still to be answered.
                forget(file, open);
            }
        }
        FileChannel channel;
        try {
            channel = fs.openForReading(proc.resolve(file));
        } catch (IOException e) {
            return noFile(e);
        }
        if (keep(file, channel)) {
            return length(channel, scratch);
        }
        try (channel) {
            return length(channel, scratch);
        }
    }

    private int length(FileChannel channel, Scratch scratch) throws IOException {
        try {
            return fs.readWhole(channel, scratch);
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException e) {
            return noFile(e);
        }
    }

    private static int noFile(IOException e) throws IOException {
        return switch (Errno.of(e)) {
            case NOENT, NOTSUP -> CgroupFiles.NO_FILE;
            default -> throw e;
        };
    }

    private synchronized @Nullable FileChannel kept(String file) {
        return kept.get(file);
    }

    private synchronized boolean keep(String file, FileChannel channel) {
        return !closed && kept.putIfAbsent(file, channel) == null;
    }

    private synchronized void forget(String file, FileChannel channel) {
        kept.remove(file, channel);
    }

    /** Lets go of every descriptor; idempotent. */
    void close() throws IOException {
        Map<String, FileChannel> all;
        synchronized (this) {
            closed = true;
            all = Map.copyOf(kept);
            kept.clear();
        }
        @Nullable IOException failure = null;
        for (FileChannel channel : all.values()) {
            try {
                channel.close();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
