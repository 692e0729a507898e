package dev.tidemark.reclaim.cgroup2;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What this process has open, to see what is left open. */
final class Descriptors {
    private Descriptors() {}

    /** What waiting for pushes opens: pressure files, epolls and eventfds. */
    static List<String> ofPushes() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.map(Descriptors::target)
                    .filter(target -> target.contains(".pressure")
                            || target.contains("[eventpoll]")
                            || target.contains("[eventfd]"))
                    .sorted()
                    .toList();
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException _) {
            return "closed meanwhile";
        }
    }
}
