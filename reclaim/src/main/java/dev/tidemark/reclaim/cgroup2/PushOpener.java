package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.PushRefusedException;
import dev.tidemark.triggers.PushRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Opens what a kernel tells through, and sets triggers.
 *
 * <p>The cgroup's id is looked at before and after, as {@link CgroupFiles} does; a descriptor stays with its cgroup. Where the
 * kernel takes only coarse windows from us, all are asked for with such, and that is told once.
 *
 * <p><b>Thread:</b> confined to the push thread, but for being made. <b>Failure:</b> {@link CgroupGoneException} and {@link
 * PushRefusedException}; nothing is left open then.
 */
final class PushOpener {
    static final String EVENTS = KernelFile.EVENTS.fileName();

    private final CgroupFs fs;
    private final Path root;
    private final HostFacts host;
    private final Consumer<String> notices;

    /** The kernel has been found to take only coarse windows from us. */
    private boolean coarsely;

    PushOpener(CgroupFs fs, Path root, HostFacts host, Consumer<String> notices) {
        this.fs = fs;
        this.root = root;
        this.host = host;
        this.notices = notices;
    }

    /** @param text room for a file */
    PushFile open(PushKernel kernel, PushStream stream, PushRequest request, byte[] text) throws IOException {
        return switch (request) {
            case PushRequest.Pressure pressure -> pressure(kernel, stream, pressure, text);
            case PushRequest.Events events -> events(kernel, stream, events, text);
        };
    }

    private PushFile pressure(PushKernel kernel, PushStream stream, PushRequest.Pressure request, byte[] text)
            throws IOException {
        Trigger wanted = Trigger.of(request);
        Cgroup cgroup = stream.cgroup;
        Path file = isHost(cgroup)
                ? host.proc().resolve("pressure").resolve(wanted.name())
                : directory(cgroup).resolve(wanted.fileName());
        int descriptor = open(kernel, cgroup, file, true, wanted.toString());
        try {
            long total = PushText.totalMicros(text, kernel.read(descriptor, text), wanted.full());
            Trigger set = set(kernel, descriptor, wanted);
            requireSame(cgroup);
            return new PushFile.Pressure(stream, request, descriptor, set.lasts(set.coarse() && !trusted()), total);
        } catch (IOException e) {
            kernel.close(descriptor);
            throw refused(cgroup, file, wanted.toString(), e);
        }
    }

    private PushFile events(PushKernel kernel, PushStream stream, PushRequest.Events request, byte[] text)
            throws IOException {
        Cgroup cgroup = stream.cgroup;
        if (isHost(cgroup)) {
            throw new PushRefusedException("The host as a whole has no " + EVENTS + ": ask it of a cgroup.");
        }
        Path file = directory(cgroup).resolve(EVENTS);
        int descriptor = open(kernel, cgroup, file, false, EVENTS);
        try {
            // This first reading is also what makes the kernel tell of the next change and not of this one.
            String counters = PushFile.Events.text(kernel, descriptor, text);
            requireSame(cgroup);
            return new PushFile.Events(stream, request, descriptor, counters);
        } catch (IOException e) {
            kernel.close(descriptor);
            throw refused(cgroup, file, EVENTS, e);
        }
    }

    private int open(PushKernel kernel, Cgroup cgroup, Path file, boolean writable, String what) throws IOException {
        requireSame(cgroup);
        try {
            return kernel.open(file, writable);
        } catch (IOException e) {
            throw refused(cgroup, file, what, e);
        }
    }

    /** Sets what is wanted, or what comes nearest to it; which it was. */
    private Trigger set(PushKernel kernel, int descriptor, Trigger wanted) throws IOException {
        if (wanted.coarse() || !coarsely) {
            try {
                kernel.write(descriptor, wanted.written());
                return wanted;
            } catch (IOException e) {
                Errno errno = Errno.of(e);
                if (wanted.coarse() || (errno != Errno.INVAL && errno != Errno.PERM)) {
                    throw e;
                }
            }
        }
        Trigger coarse = wanted.coarsened();
        kernel.write(descriptor, coarse.written());
        if (!coarsely) {
            coarsely = true;
            notices.accept(
                    "without CAP_SYS_RESOURCE the kernel takes pressure triggers only with windows of 2s and its "
                            + "multiples: " + wanted + " has become " + coarse
                            + ", others likewise, and a push may come up to 2s late; "
                            + "run as root, or give that capability (systemd: AmbientCapabilities=CAP_SYS_RESOURCE)");
        }
        return coarse;
    }

    /** Whether the kernel has a thread look for us, and takes any window. */
    private boolean trusted() {
        return !coarsely && host.hasSysResource();
    }

    private IOException refused(Cgroup cgroup, Path file, String what, IOException e) throws IOException {
        if (isGone(cgroup)) {
            return new CgroupGoneException(cgroup, e);
        }
        String why = switch (Errno.of(e)) {
            case ACCES, PERM -> what.equals(EVENTS) ? notAllowed(file, what, "read") : notWritable(file, what);
            case ROFS -> file + " is mounted read-only, but " + what + " has to write it: mount it writable.";
            case NOENT, NODEV, NOTSUP -> missing(file, what);
            case INVAL ->
                "The kernel does not take " + what + " for " + file
                        + ": the window must be at most 10s, and before Linux 6.4 at least 500ms.";
            case MFILE ->
                "No descriptor is left for " + what + " of " + file
                        + ": raise the limit of open files (systemd: LimitNOFILE=).";
            default -> what + " cannot be had from " + file + ": " + e.getMessage() + '.';
        };
        return new PushRefusedException(why, e);
    }

    static String notWritable(Path file, String what) {
        return notAllowed(file, what, "written");
    }

    private static String notAllowed(Path file, String what, String done) {
        return file + " may not be " + done + " by user " + System.getProperty("user.name", "unknown") + ", which "
                + what + " needs: run as root, or give that user the file.";
    }

    static String missing(Path file, String what) {
        return what.equals(EVENTS)
                ? file + " is not there: the memory controller has to be enabled above it (write +memory to "
                        + KernelFile.SUBTREE_CONTROL + ")."
                : "Pressure stall information, which " + what + " needs, is not kept in " + file
                        + ": write 1 to cgroup.pressure beside it, and boot with psi=1 and without "
                        + "cgroup_disable=pressure.";
    }

    /**
     * Whether the cgroup is gone, or going: its files go before its directory does. A pressure file alone also goes when pressure is
     * switched off, so another is looked at.
     */
    boolean isGone(Cgroup cgroup) throws IOException {
        return !isHost(cgroup)
                && (!fs.isSame(new Directory(directory(cgroup)), cgroup.id())
                        || !fs.exists(directory(cgroup).resolve(KernelFile.CONTROLLERS)));
    }

    private void requireSame(Cgroup cgroup) throws IOException {
        if (!isHost(cgroup) && !fs.isSame(new Directory(directory(cgroup)), cgroup.id())) {
            throw new CgroupGoneException(cgroup);
        }
    }

    private Path directory(Cgroup cgroup) {
        return root.resolve(cgroup.path());
    }

    private static boolean isHost(Cgroup cgroup) {
        return cgroup.equals(Cgroup.HOST);
    }
}
