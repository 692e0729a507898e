package dev.tidemark.reclaim.cgroup2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.config.CgroupGlob;
import dev.tidemark.reclaim.CgroupFilter;
import dev.tidemark.triggers.SignalSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostLookTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path directory;

    @SuppressWarnings("NullAway.Init") // set before each test
    private FakeHost host;

    @BeforeEach
    void start() {
        host = new FakeHost(directory);
    }

    @AfterEach
    void end() {
        host.close();
    }

    private static CgroupFilter matching(String pattern) {
        CgroupGlob glob = new CgroupGlob(pattern);
        return new CgroupFilter() {
            @Override
            public boolean selects(String path) {
                return glob.matches(path);
            }

            @Override
            public boolean reaches(String path) {
                return glob.reaches(path);
            }
        };
    }

    @Test
    void itFindsWhatTheFilterSelectsWhereverItIs() throws IOException {
        for (String path : List.of("b/x", "a/x", "a/deep/x", "a/y")) {
            Files.createDirectories(host.root.resolve(path));
        }

        HostLook look = HostLook.at(null, host.proc);

        assertThat(look.cgroups(matching("**/x"))).containsExactly("a/deep/x", "a/x", "b/x");
        assertThat(look.cgroups(matching("a/*"))).containsExactly("a/deep", "a/x", "a/y");
        assertThat(look.cgroups(matching("c/*"))).isEmpty();
    }

    @Test
    void itSaysWhatIsMissing() throws IOException {
        HostNeeds needs = new HostNeeds(SignalSet.EMPTY, List.of(new CgroupGlob("a/*")));

        assertThat(HostLook.at(host.root, host.proc).lacks(needs)).isEmpty();

        Files.delete(host.root.resolve("memory.reclaim"));
        assertThat(HostLook.at(host.root, host.proc).lacks(needs))
                .singleElement()
                .asString()
                .contains("no memory.reclaim");
        assertThatThrownBy(() -> HostLook.at(directory, host.proc)).isInstanceOf(HostLacksException.class);
    }
}
