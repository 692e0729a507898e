package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.config.Signal;
import dev.tidemark.config.Signal.Scope;
import dev.tidemark.reclaim.cgroup2.KernelFile.Format;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The files of /proc that host signals are read from, kept open.
 *
 * <p><b>Thread:</b> any; reads run side by side. {@link #close} may come while a read runs, which is not disturbed; one that begins
 * later opens the file for itself.
 */
final class HostFiles {
    private static final List<String> FILES = Signal.all().stream()
            .filter(signal -> signal.scope() == Scope.HOST && !signal.file().isEmpty())
            .map(Signal::file)
            .distinct()
            .toList();

    private final CgroupFs fs;
    private final Directory proc;
    private final KeptFiles kept;

    HostFiles(CgroupFs fs, Path proc) {
        this.fs = fs;
        this.proc = new Directory(proc);
        this.kept = new KeptFiles(fs, KeptFiles.Room.ENOUGH, FILES.size());
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
     * @param file its path below /proc, of a signal
     * @return its length, or {@link CgroupFiles#NO_FILE} where the kernel has none or has it switched off
     */
    int read(String file, Scratch scratch) throws IOException {
        int number = FILES.indexOf(file);
        boolean entered = kept.enter();
        try {
            int open = entered ? kept.descriptor(number) : KeptFiles.NONE;
            if (open != KeptFiles.NONE) {
                return fs.readWhole(open, scratch);
            }
            if (!entered || !kept.reserve(number)) {
                return fs.readWhole(proc, file, scratch);
            }
            return fs.readWhole(opened(number, scratch), scratch);
        } catch (IOException e) {
            return switch (Errno.of(e)) {
                case NOENT, NOTSUP -> CgroupFiles.NO_FILE;
                default -> throw e;
            };
        } finally {
            if (entered) {
                kept.leave();
            }
        }
    }

    private int opened(int number, Scratch scratch) throws IOException {
        try {
            int descriptor = fs.openForReading(proc, FILES.get(number), scratch);
            kept.keep(number, descriptor);
            return descriptor;
        } catch (IOException | RuntimeException e) {
            kept.release(number);
            throw e;
        }
    }

    /** Lets go of every descriptor; idempotent. */
    void close() {
        kept.close();
    }
}
