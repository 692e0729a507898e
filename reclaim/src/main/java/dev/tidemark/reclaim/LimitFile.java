package dev.tidemark.reclaim;

import java.util.Arrays;
import java.util.Optional;

/** A setting of a cgroup that a policy changes for a time. */
public enum LimitFile {
    /** Usage above which whoever charges reclaims first, and is put to sleep where that gives nothing. Lower is stricter. */
    HIGH("memory.high"),
    /** Usage up to which reclaim takes from others as long as they have something. Higher is stricter. */
    LOW("memory.low");

    private final String fileName;

    LimitFile(String fileName) {
        this.fileName = fileName;
    }

    public String fileName() {
        return fileName;
    }

    /** The one with this file name. */
    public static Optional<LimitFile> named(String fileName) {
        return Arrays.stream(values())
                .filter(file -> file.fileName.equals(fileName))
                .findFirst();
    }

    /** Of two values in bytes the one with the stronger effect. */
    long stricter(long one, long other) {
        return this == HIGH ? Math.min(one, other) : Math.max(one, other);
    }
}
