package dev.tidemark.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** What /proc tells of a process. */
final class ProcessFigures {

    /** Of user space's clock ticks, which Linux keeps at this on all architectures but alpha. */
    private static final double TICKS_A_SECOND = 100;

    // Fields of stat after the name, which may itself hold blanks and parentheses.
    private static final int UTIME = 11;
    private static final int STIME = 12;

    private final Path folder;

    ProcessFigures(Process process) {
        folder = Path.of("/proc", Long.toString(process.pid()));
    }

    /** CPU time so far in seconds, in user space and in the kernel, of threads that have ended too. */
    double cpuSeconds() throws IOException {
        return cpuSeconds(Files.readString(folder.resolve("stat")));
    }

    /** CPU time so far in seconds by the names of its threads; those of one name and another number are added up. */
    Map<String, Double> cpuSecondsByThread() throws IOException {
        Map<String, Double> seconds = new TreeMap<>();
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(folder.resolve("task"))) {
            for (Path thread : threads) {
                try {
                    String stat = Files.readString(thread.resolve("stat"));
                    seconds.merge(name(stat), cpuSeconds(stat), Double::sum);
                } catch (NoSuchFileException _) {
                    // It has ended since it was listed; its time is only in the sum of the process.
                }
            }
        }
        return seconds;
    }

    /** In MiB: {@code VmRSS} now, {@code VmHWM} at most so far. */
    double statusMib(String key) throws IOException {
        return mib(folder.resolve("status"), key);
    }

    /** Resident memory in MiB, what is shared with other processes divided among them. */
    double pssMib() throws IOException {
        return mib(folder.resolve("smaps_rollup"), "Pss");
    }

    long descriptors() throws IOException {
        try (DirectoryStream<Path> open = Files.newDirectoryStream(folder.resolve("fd"))) {
            long count = 0;
            for (Path _ : open) {
                count++;
            }
            return count;
        }
    }

    private static double cpuSeconds(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME])) / TICKS_A_SECOND;
    }

    private static String name(String stat) {
        return stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')')).replaceAll("[-#]?[0-9]+$", "");
    }

    private static double mib(Path file, String key) throws IOException {
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith(key + ":")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
            }
        }
        throw new IOException(file + " has no " + key);
    }
}
