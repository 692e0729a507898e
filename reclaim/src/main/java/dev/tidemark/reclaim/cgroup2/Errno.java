package dev.tidemark.reclaim.cgroup2;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The error numbers that decide something, told from the words that the JDK gives us instead.
 *
 * <p>The JDK puts {@code strerror} into the message and nothing else. The words are those of glibc and of musl in the C
 * locale; the launcher sees to the locale. Words not known are {@link #OTHER}, and callers then look at the
 * facts (is the directory still there?) rather than guess.
 */
enum Errno {
    NOENT,
    NODEV,
    AGAIN,
    INVAL,
    ACCES,
    PERM,
    ROFS,
    NOTSUP,
    BUSY,
    INTR,
    NOMEM,
    NOTDIR,
    MFILE,
    OTHER;

    private static final Map<String, Errno> WORDS = Map.ofEntries(
            Map.entry("No such file or directory", NOENT),
            Map.entry("No such device", NODEV),
            Map.entry("Resource temporarily unavailable", AGAIN),
            Map.entry("Try again", AGAIN),
            Map.entry("Invalid argument", INVAL),
            Map.entry("Permission denied", ACCES),
            Map.entry("Operation not permitted", PERM),
            Map.entry("Read-only file system", ROFS),
            Map.entry("Operation not supported", NOTSUP),
            Map.entry("Not supported", NOTSUP),
            Map.entry("Device or resource busy", BUSY),
            Map.entry("Resource busy", BUSY),
            Map.entry("Interrupted system call", INTR),
            Map.entry("Cannot allocate memory", NOMEM),
            Map.entry("Out of memory", NOMEM),
            Map.entry("Not a directory", NOTDIR),
            Map.entry("Too many open files", MFILE),
            Map.entry("No file descriptors available", MFILE),
            Map.entry("Too many open files in system", MFILE));

    static Errno of(IOException failure) {
        return switch (failure) {
            case NoSuchFileException _ -> NOENT;
            case AccessDeniedException _ -> ACCES;
            case FileSystemException at -> ofWords(at.getReason());
            default -> ofWords(failure.getMessage());
        };
    }

    private static Errno ofWords(@Nullable String words) {
        return words == null ? OTHER : WORDS.getOrDefault(words.strip(), OTHER);
    }
}
