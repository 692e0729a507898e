package dev.tidemark.reclaim.cgroup2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import java.util.List;
import org.junit.jupiter.api.Test;

class MountTest {
    @Test
    void parse_realLines() {
        String text = """
                31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
                35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:1 master:2 - cgroup cgroup rw,memory
                41 31 0:38 / /mnt/with\\040blank\\011tab\\134 rw,relatime - cgroup2 cgroup2 ro,nsdelegate
                not a mount line
                """;

        assertThat(Mount.parse(text))
                .containsExactly(
                        new Mount("/", "/sys/fs/cgroup", false, "tmpfs", List.of("rw", "mode=755")),
                        new Mount("/", "/sys/fs/cgroup/memory", false, "cgroup", List.of("rw", "memory")),
                        new Mount("/", "/mnt/with blank\ttab\\", true, "cgroup2", List.of("ro", "nsdelegate")));
    }

    @Test
    void parse_anyText() {
        Check.forAll(
                Gen.strings("0a/ -,\\047\n"),
                text -> assertThat(Mount.parse(text)).isNotNull());
    }
}
