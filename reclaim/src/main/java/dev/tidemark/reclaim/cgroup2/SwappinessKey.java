package dev.tidemark.reclaim.cgroup2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which {@code swappiness=} the kernel's memory.reclaim takes. Asked once, when the first policy or request needs it.
 *
 * <p>Asked by a write that asks for nothing: {@code 0 swappiness=60}. Kernels that know the key (6.11 and later) parse it
 * and then reclaim 0 pages, which ends their loop before its first pass; kernels that do not refuse the whole write with
 * EINVAL before reclaiming. A dry run does not write even that and goes by the version.
 *
 * <p><b>Thread:</b> any; blocks the first time.
 */
final class SwappinessKey {
    /** In ascending order. */
    enum Support {
        NONE,
        /** 0 to 200. */
        NUMBERS,
        /** Also {@code max}. */
        MAX
    }

    static final String NUMBERS_SINCE = "6.11";
    static final String MAX_SINCE = "6.16";

    private static final Pattern RELEASE = Pattern.compile("^(\\d{1,4})\\.(\\d{1,4})");

    private final CgroupFs fs;
    private final HostFacts host;
    private final boolean dryRun;
    private volatile @Nullable Support known;

    SwappinessKey(CgroupFs fs, HostFacts host, boolean dryRun) {
        this.fs = fs;
        this.host = host;
        this.dryRun = dryRun;
    }

    /**
     * @param memoryReclaim any memory.reclaim that may be written
     * @throws IOException when it could not be asked; the next call asks again
     */
    Support support(Path memoryReclaim) throws IOException {
        Support support = known;
        if (support == null) {
            support = dryRun ? ofRelease(host.kernelRelease()) : ask(memoryReclaim);
            known = support;
        }
        return support;
    }

    private Support ask(Path memoryReclaim) throws IOException {
        if (!takes(memoryReclaim, "0")) {
            throw new IOException(memoryReclaim + " does not even take 0");
        }
        if (takes(memoryReclaim, "0 swappiness=max")) {
            return Support.MAX;
        }
        return takes(memoryReclaim, "0 swappiness=60") ? Support.NUMBERS : Support.NONE;
    }

    private boolean takes(Path memoryReclaim, String request) throws IOException {
        try (FileChannel channel = fs.openForWriting(memoryReclaim)) {
            return write(channel, request);
        }
    }

    private boolean write(FileChannel channel, String request) throws IOException {
        try {
            return fs.write(channel, ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII))) > 0;
        } catch (IOException e) {
            return switch (Errno.of(e)) {
                // OTHER: refused in words of a language we do not know, after the same file took a plain 0.
                case INVAL, OTHER -> false;
                default -> throw e;
            };
        }
    }

    static Support ofRelease(String release) {
        Matcher version = RELEASE.matcher(release);
        if (!version.find()) {
            return Support.NONE;
        }
        int number = Integer.parseInt(version.group(1)) * 10_000 + Integer.parseInt(version.group(2));
        if (number >= 60_016) {
            return Support.MAX;
        }
        return number >= 60_011 ? Support.NUMBERS : Support.NONE;
    }
}
