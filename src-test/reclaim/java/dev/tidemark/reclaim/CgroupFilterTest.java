package dev.tidemark.reclaim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.PolicyFile;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CgroupFilterTest {

    private static final PolicyFile FILE = file("""
            version: 1
            policies:
              - name: protect
                cgroups: ["batch/*"]
                exclude: ["batch/never"]
                watch: ["web/*/main"]
                start: usage > 9MiB
                stop: usage < 8MiB
            """);

    @Test
    void whatIsActedOnWatchedOrNamedIsWantedAndNothingElse() {
        CgroupFilter filter = CgroupFilter.of(FILE.policies(), Set.of("data/base/main"));

        assertThat(filter.selects("batch/a")).isTrue();
        assertThat(filter.selects("web/a/main")).isTrue();
        assertThat(filter.selects("data/base/main")).isTrue();
        assertThat(filter.selects("batch/never")).isFalse();
        assertThat(filter.selects("web/a")).isFalse();
        assertThat(filter.selects("data/base")).isFalse();
        assertThat(filter.selects("")).isFalse();
    }

    @Test
    void theWayToEachOfThemIsWorthDescending() {
        CgroupFilter filter = CgroupFilter.of(FILE.policies(), Set.of("data/base/main"));

        assertThat(filter.reaches("")).isTrue();
        assertThat(filter.reaches("batch")).isTrue();
        assertThat(filter.reaches("web")).isTrue();
        assertThat(filter.reaches("web/a")).isTrue();
        assertThat(filter.reaches("data")).isTrue();
        assertThat(filter.reaches("data/base")).isTrue();
        assertThat(filter.reaches("data/base/main")).isFalse();
        assertThat(filter.reaches("data/bas")).isFalse();
        assertThat(filter.reaches("other")).isFalse();
    }

    @Test
    void theRootCanBeNamed() {
        assertThat(CgroupFilter.of(FILE.policies(), Set.of("")).selects("")).isTrue();
    }

    private static PolicyFile file(String text) {
        if (PolicyFile.parse("test.yaml", text, new HostMemory(1L << 30, 4096))
                instanceof Checked.Valid<PolicyFile>(PolicyFile file)) {
            return file;
        }
        throw new AssertionError(text);
    }
}
