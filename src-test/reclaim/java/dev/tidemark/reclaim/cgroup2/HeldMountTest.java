package dev.tidemark.reclaim.cgroup2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldMountTest {
    private final CgroupFs fs = new CgroupFs();

    @TempDir
    Path folder;

    @Test
    void theInnermostMountCounts() {
        List<Mount> mounts = List.of(at("/"), at("/sys/fs/cgroup"), at("/sys"), at("/sys/fs/cgroup/else"));

        assertThat(HeldMount.pointOf(Path.of("/sys/fs/cgroup"), mounts)).isEqualTo(Path.of("/sys/fs/cgroup"));
        assertThat(HeldMount.pointOf(Path.of("/sys/fs/cgroup/a/b"), mounts)).isEqualTo(Path.of("/sys/fs/cgroup"));
        assertThat(HeldMount.pointOf(Path.of("/sys/fs/cgroups"), mounts)).isEqualTo(Path.of("/sys"));
        assertThat(HeldMount.pointOf(Path.of("/a"), List.of(at("/"), at("/no path\0"))))
                .isEqualTo(Path.of("/"));
        assertThat(HeldMount.pointOf(Path.of("/a"), List.of())).isEqualTo(Path.of("/"));
    }

    @Test
    void whatIsOnItIsFoundFromIt_alsoWhenItsPathLeadsElsewhere() throws IOException {
        Path point = Files.createDirectory(folder.resolve("point"));
        Files.createDirectory(point.resolve("a"));
        Files.writeString(point.resolve("a/memory.current"), "1\n");
        HeldMount mount = new HeldMount(fs, point);
        Directory inside = new Directory(mount, point.resolve("a"));
        Directory itself = new Directory(mount, point);
        long id = fs.facts(point).id();

        Files.move(point, folder.resolve("moved"));

        assertThat(number(inside)).isEqualTo(1);
        assertThat(fs.isSame(itself, id)).isTrue();
        mount.close();
        assertThat(number(inside)).isNaN();
        assertThat(fs.isSame(itself, id)).isFalse();
    }

    @Test
    void withoutADescriptorPathsAreWhole() throws IOException {
        Files.writeString(folder.resolve("memory.current"), "2\n");
        HeldMount missing = new HeldMount(fs, folder.resolve("missing"));

        assertThat(number(new Directory(missing, folder))).isEqualTo(2);
    }

    @Test
    void pathsOnIt_beginWhereItEnds() {
        HeldMount mount = new HeldMount(fs, folder);
        Directory inside = new Directory(mount, folder.resolve("a/b"));

        assertThat(path(inside, mount.from(), "memory.stat")).isEqualTo("a/b/memory.stat");
        assertThat(path(inside, mount.from(), "")).isEqualTo("a/b");
        assertThat(path(inside, LibC.AT_FDCWD, "memory.stat")).isEqualTo(folder + "/a/b/memory.stat");
        mount.close();
        mount.close();
        assertThat(inside.from()).isEqualTo(LibC.AT_FDCWD);
    }

    private static String path(Directory directory, int from, String file) {
        byte[] bytes = new byte[4096];
        int length = directory.put(from, file, bytes);
        return new String(bytes, 0, length - 1, UTF_8);
    }

    private double number(Directory directory) throws IOException {
        return LimitCache.single(fs, directory, "memory.current", Scratch.mine());
    }

    private static Mount at(String point) {
        return new Mount("/", point, false, "tmpfs", List.of());
    }
}
