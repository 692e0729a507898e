package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class TransparentHugePagesTest {

    @Test
    void theKernelGivesThisProcessNoHugePagesAnyMore() throws IOException {
        assertThat(TransparentHugePages.disable()).isTrue();

        assertThat(Files.readAllLines(Path.of("/proc/self/status")))
                .filteredOn(line -> line.startsWith("THP_enabled"))
                .as("told since Linux 5.0")
                .allMatch(line -> line.endsWith("0"));
    }
}
