package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All the ways in which a file comes to have other contents. Real time, on real directories. */
class PolicyFileWatchTest {

    private static final Duration PATIENCE = Duration.ofSeconds(15);

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @SuppressWarnings("NullAway.Init") // set before each
    private Path file;

    private final AtomicInteger told = new AtomicInteger();

    @BeforeEach
    void make() throws IOException {
        folder = folder.toRealPath();
        file = Files.writeString(folder.resolve("policy.yaml"), "one");
    }

    @Test
    void tellsOfAWriteInPlace() throws IOException {
        try (PolicyFileWatch _ = watch(file)) {
            Files.writeString(file, "two");
            awaitTold();
        }
    }

    @Test
    void tellsOfAFileRenamedOverIt() throws IOException {
        try (PolicyFileWatch _ = watch(file)) {
            Path next = Files.writeString(folder.resolve(".policy.yaml.swp"), "two");
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
            awaitTold();
        }
    }

    @Test
    void tellsOfAFileRemovedAndPutBack() throws IOException {
        try (PolicyFileWatch _ = watch(file)) {
            Files.delete(file);
            awaitTold();
            Files.writeString(file, "two");
            awaitTold();
        }
    }

    @Test
    void tellsOfALinkSwappedAsKubernetesDoes() throws IOException {
        Path mounted = mounted("..first");
        try (PolicyFileWatch _ = watch(mounted.resolve("policy.yaml"))) {
            Files.writeString(Files.createDirectory(mounted.resolve("..second")).resolve("policy.yaml"), "two");
            told.set(0);
            swap(mounted, "..second");
            awaitTold();

            // And again, now that it leads through another directory.
            Files.writeString(Files.createDirectory(mounted.resolve("..third")).resolve("policy.yaml"), "three");
            told.set(0);
            swap(mounted, "..third");
            awaitTold();

            Files.writeString(mounted.resolve("..third/policy.yaml"), "in place");
            awaitTold();
        }
    }

    @Test
    void tellsOfADirectoryThatIsReplaced() throws IOException {
        Path directory = Files.createDirectory(folder.resolve("conf"));
        Path inside = Files.writeString(directory.resolve("policy.yaml"), "one");
        try (PolicyFileWatch _ = watch(inside)) {
            Files.move(directory, folder.resolve("old"));
            Files.writeString(Files.createDirectory(directory).resolve("policy.yaml"), "two");
            awaitTold();
            Files.writeString(inside, "three");
            awaitTold();
        }
    }

    @Test
    void doesNotTellOfOthers() throws IOException {
        try (PolicyFileWatch _ = watch(file)) {
            for (int i = 0; i < 100; i++) {
                Files.writeString(folder.resolve("other" + i), "x");
            }
            // What was written before is told before.
            Files.writeString(file, "two");
            awaitTold();
        }
        assertThat(told).hasValueLessThan(5);
    }

    @Test
    void theDirectoriesOfAllLinksOnTheWayAreWatched() throws IOException {
        Path mounted = mounted("..first");

        assertThat(PolicyFileWatch.leading(mounted.resolve("policy.yaml")))
                .isEqualTo(Map.of(
                        mounted, Set.of("policy.yaml", "..data"), mounted.resolve("..first"), Set.of("policy.yaml")));
    }

    @Test
    void aCircleOfLinksLeadsNowhereAndEnds() throws IOException {
        Files.createSymbolicLink(folder.resolve("a"), Path.of("b"));
        Files.createSymbolicLink(folder.resolve("b"), Path.of("a"));

        assertThat(PolicyFileWatch.leading(folder.resolve("a"))).containsOnlyKeys(folder);
    }

    private Path mounted(String first) throws IOException {
        Path mounted = Files.createDirectory(folder.resolve("mounted"));
        Files.writeString(Files.createDirectory(mounted.resolve(first)).resolve("policy.yaml"), "one");
        Files.createSymbolicLink(mounted.resolve("..data"), Path.of(first));
        Files.createSymbolicLink(mounted.resolve("policy.yaml"), Path.of("..data", "policy.yaml"));
        return mounted;
    }

    static void swap(Path mounted, String target) throws IOException {
        Path made = Files.createSymbolicLink(mounted.resolve("..data_tmp"), Path.of(target));
        Files.move(made, mounted.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    }

    private PolicyFileWatch watch(Path watched) {
        PolicyFileWatch watch = new PolicyFileWatch(watched, told::incrementAndGet);
        watch.start();
        return watch;
    }

    private void awaitTold() {
        await().atMost(PATIENCE).until(() -> told.getAndSet(0) > 0);
    }
}
