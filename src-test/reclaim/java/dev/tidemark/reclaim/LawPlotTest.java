package dev.tidemark.reclaim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LawPlotTest {

    private static final Path SHIPPED = Path.of("..", "docs", "laws.svg");

    @Test
    void theShippedPlotIsWhatTheLawsAnswer() throws IOException {
        if (Boolean.getBoolean("tidemark.write")) {
            Files.writeString(SHIPPED, LawPlot.svg());
        }

        assertThat(Files.readString(SHIPPED))
                .as("docs/laws.svg; make it anew with: mvn -pl reclaim -am test -Dtest=LawPlotTest"
                        + " -Dsurefire.failIfNoSpecifiedTests=false -Dtidemark.write=true")
                .isEqualTo(LawPlot.svg());
    }
}
