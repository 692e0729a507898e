package dev.tidemark.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** bin/tidemark with a java that only tells what it was given. */
class LauncherTest {
    private static final String C1_ALONE = "-XX:TieredStopAtLevel=1";
    private static final String ROOM_FOR_C2 = "-XX:ReservedCodeCacheSize=48m";

    @TempDir
    Path folder;

    private Path root;

    @BeforeEach
    void install() throws IOException {
        root = Files.createDirectory(folder.resolve("cgroup"));
        Files.createDirectory(folder.resolve("bin"));
        Files.copy(Path.of("src/main/dist/bin/tidemark"), folder.resolve("bin/tidemark"));
        script("bin/find-jdk", "printf '%s\\n' '" + folder.resolve("jdk") + "'");
        Files.createDirectories(folder.resolve("jdk/bin"));
        script("jdk/bin/java", "printf '%s\\n' \"$@\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--cgroup-root %s", "--cgroup-root=%s"})
    void compilesBetterWhereThereAreThousandsOfCgroups(String option) throws Exception {
        cgroups(10_100);
        List<String> given = launch(option.formatted(root).split(" ", -1));
        assertThat(given).contains(ROOM_FOR_C2).doesNotContain(C1_ALONE);
    }

    @Test
    void staysSmallWhereThereAreFew() throws Exception {
        cgroups(3_999);
        assertThat(launch("--cgroup-root", root.toString())).contains(C1_ALONE).doesNotContain(ROOM_FOR_C2);
    }

    @Test
    void staysSmallWhereTheKernelDoesNotTell() throws Exception {
        assertThat(launch("--cgroup-root", root.toString())).contains(C1_ALONE);
    }

    @Test
    void handsOnEveryArgumentAsItIs() throws Exception {
        assertThat(launch("--cgroup-root", root + " of two words", "a b", ""))
                .endsWith("dev.tidemark.agent.Main", "run", "--cgroup-root", root + " of two words", "a b", "");
    }

    private void cgroups(int count) throws IOException {
        Files.writeString(root.resolve("cgroup.stat"), "nr_descendants " + count + "\nnr_dying_descendants 50000\n");
    }

    private List<String> launch(String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(folder.resolve("bin/tidemark").toString(), "run"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String told = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(told).isZero();
        return List.of(told.split("\n", -1)).subList(0, told.split("\n", -1).length - 1);
    }

    private void script(String name, String body) throws IOException {
        Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
