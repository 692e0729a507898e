package dev.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SignalDocsTest {
    /** From the module's directory, in which its tests run. */
    private static final Path DOCS = Path.of("../docs/signals.md");

    @Test
    void theBookIsAsTheCatalogIs() throws IOException {
        String text = SignalDocs.text();
        if (Boolean.getBoolean("tidemark.write")) {
            Files.writeString(DOCS, text);
        }

        assertThat(Files.readString(DOCS))
                .as("run mvn -q -pl config test -Dtest=SignalDocsTest -Dtidemark.write=true")
                .isEqualTo(text);
    }

    @Test
    void everySignalIsInIt() {
        String text = SignalDocs.text();

        assertThat(Signal.all())
                .allSatisfy(signal -> assertThat(text).contains("| `" + signal.dotted() + "`", signal.description()));
    }
}
