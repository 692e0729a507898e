package dev.tidemark.agent;

import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Scenario;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BiFunction;

/** The policy and the workload that come with the program. */
final class Bundled {

    /** Bytes a page of a modelled host. */
    static final int MODEL_PAGE_SIZE = 4096;

    private Bundled() {}

    static Scenario scenario() throws IOException {
        return read("watermark.scenario.yaml", Scenario::parse);
    }

    static PolicyFile policies() throws IOException {
        HostMemory memory = new HostMemory(scenario().host().memoryBytes(), MODEL_PAGE_SIZE);
        return read("watermark.yaml", (name, text) -> PolicyFile.parse(name, text, memory));
    }

    private static <T> T read(String name, BiFunction<String, String, Checked<T>> parser) throws IOException {
        try (InputStream in = Bundled.class.getResourceAsStream("/policies/" + name)) {
            if (in == null) {
                throw new IllegalStateException("this build of tidemark has no policies/" + name);
            }
            return switch (parser.apply(name, new String(in.readAllBytes(), StandardCharsets.UTF_8))) {
                case Checked.Valid<T>(T value) -> value;
                case Checked.Invalid<T>(List<?> problems) -> throw new IllegalStateException(problems.toString());
            };
        }
    }
}
