package dev.tidemark.agent.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ColumnNamesTest {

    private static List<String> names(String... files) {
        return ColumnNames.of(Stream.of(files).map(Path::of).toList());
    }

    @Test
    void aFilesNameIsItsColumns() {
        assertThat(names("policies/watermark.yaml", "/etc/tidemark/b.yml", "c", ".yaml"))
                .containsExactly("watermark", "b", "c", ".yaml");
    }

    @Test
    void foldersTellThoseApartThatAreCalledAlike() {
        assertThat(names("a/x/p.yaml", "b/x/p.yaml", "b/y/p.yaml", "q.yaml"))
                .containsExactly("a/x/p", "b/x/p", "y/p", "q");
        assertThat(names("p.yaml", "a/p.yaml", "p.yml")).containsExactly("p", "a/p", "p (2)");
    }

    @Test
    void theSameFileAgainHasANumber() {
        assertThat(names("/a/p.yaml", "/a/p.yaml", "/a/p.yaml")).containsExactly("a/p", "a/p (2)", "a/p (3)");
    }

    @Test
    void noneIsCalledAsTheKernelAlone() {
        assertThat(names("without.yaml")).containsExactly("without (2)");
        assertThat(names("a/without.yaml", "b/p.yaml")).containsExactly("a/without", "p");
    }
}
