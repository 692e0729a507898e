package dev.tidemark.reclaim.cgroup2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What /proc tells of the host and of this process. Blocks. */
final class HostFacts {
    private static final int AT_PAGESZ = 6;
    private static final int AUXV_ENTRY_BYTES = 2 * Long.BYTES;
    private static final int USUAL_PAGE_BYTES = 4096;
    private static final long KIB = 1024;
    private static final Pattern NOFILE = Pattern.compile("(?m)^Max open files\\s+(\\d+|unlimited)\\s");

    private static final Pattern ONLINE_CPU = Pattern.compile("(?m)^cpu\\d+ ");

    private static final Pattern CAPABILITIES = Pattern.compile("(?m)^CapEff:\\s+(\\p{XDigit}{1,16})$");
    private static final int CAP_SYS_RESOURCE = 24;

    private final Path proc;

    HostFacts(Path proc) {
        this.proc = proc;
    }

    Path proc() {
        return proc;
    }

    String mountInfo() throws IOException {
        return Files.readString(proc.resolve("self/mountinfo"));
    }

    /** {@code 6.12.48-amd64}, or "of unknown version". */
    String kernelRelease() {
        try {
            return Files.readString(proc.resolve("sys/kernel/osrelease")).strip();
        } catch (IOException _) {
            // Only ever part of a sentence.
            return "of unknown version";
        }
    }

    String bootId() throws IOException {
        return Files.readString(proc.resolve("sys/kernel/random/boot_id")).strip();
    }

    double totalBytes() throws IOException {
        return memInfo("MemTotal");
    }

    double swapFreeBytes() throws IOException {
        return memInfo("SwapFree");
    }

    private double memInfo(String name) throws IOException {
        Path file = proc.resolve("meminfo");
        Matcher line = Pattern.compile("(?m)^" + name + ":\\s+(\\d{1,15}) kB$").matcher(Files.readString(file));
        if (!line.find()) {
            throw new IOException(file + " has no " + name);
        }
        return Long.parseLong(line.group(1)) * KIB;
    }

    /** The present soft limit of descriptors; the JDK raises it to the hard one as it starts. */
    long descriptorLimit() throws IOException {
        Path file = proc.resolve("self/limits");
        Matcher line = NOFILE.matcher(Files.readString(file));
        if (!line.find()) {
            throw new IOException(file + " has no limit of open files");
        }
        String limit = line.group(1);
        return limit.length() > 10 || limit.equals("unlimited") ? Integer.MAX_VALUE : Long.parseLong(limit);
    }

    /** How many CPUs are online; {@link Integer#MAX_VALUE} where that cannot be told. */
    int onlineCpus() {
        try {
            return (int) ONLINE_CPU
                    .matcher(Files.readString(proc.resolve("stat")))
                    .results()
                    .count();
        } catch (IOException _) {
            // Asked for only as a bound.
            return Integer.MAX_VALUE;
        }
    }

    /** Whether this process has CAP_SYS_RESOURCE; it is taken to have it where that cannot be told. */
    boolean hasSysResource() {
        String status;
        try {
            status = Files.readString(proc.resolve("self/status"));
        } catch (IOException _) {
            // What it is asked for is refused then, and that tells.
            return true;
        }
        Matcher effective = CAPABILITIES.matcher(status);
        return !effective.find() || ((Long.parseUnsignedLong(effective.group(1), 16) >> CAP_SYS_RESOURCE) & 1) != 0;
    }

    /** From the auxiliary vector, which the kernel gives each process; 4096 when that may not be read. */
    int pageBytes() {
        ByteBuffer vector;
        try {
            vector = ByteBuffer.wrap(Files.readAllBytes(proc.resolve("self/auxv")))
                    .order(ByteOrder.nativeOrder());
        } catch (IOException _) {
            // A process that may not be dumped cannot read its own. All but a few arm64 and ppc64 hosts have 4096.
            return USUAL_PAGE_BYTES;
        }
        while (vector.remaining() >= AUXV_ENTRY_BYTES) {
            long type = vector.getLong();
            long value = vector.getLong();
            if (type == AT_PAGESZ) {
                return (int) value;
            }
        }
        return USUAL_PAGE_BYTES;
    }
}
