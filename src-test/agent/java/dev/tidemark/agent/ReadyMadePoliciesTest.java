package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.tidemark.agent.test.TextReport;
import dev.tidemark.agent.test.Verdict;
import dev.tidemark.config.PolicyTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Runs the tests of the policies that come with Tidemark. */
class ReadyMadePoliciesTest {

    private static final Path POLICIES = Path.of("..", "policies");

    private static List<String> names(String suffix) throws IOException {
        try (Stream<Path> files = Files.list(POLICIES)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(suffix))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void eachHasATest() throws IOException {
        List<String> policies = names(".yaml").stream()
                .filter(name -> !name.matches(".*\\.(scenario|test)\\.yaml"))
                .toList();

        assertThat(policies).contains("watermark.yaml").hasSizeGreaterThanOrEqualTo(5);
        assertThat(policies)
                .allSatisfy(name -> assertThat(POLICIES.resolve(name.replace(".yaml", ".test.yaml")))
                        .content()
                        .contains("policies: " + name));
    }

    @TestFactory
    Stream<DynamicContainer> test() throws IOException {
        Map<String, String> files = new LinkedHashMap<>();
        for (String name : names(".yaml")) {
            files.put(name, Files.readString(POLICIES.resolve(name)));
        }
        return files.keySet().stream()
                .filter(name -> name.endsWith(".test.yaml"))
                .map(name -> dynamicContainer(
                        name,
                        PolicyTests.read(files.getOrDefault(name, ""), files).stream()
                                .map(test -> passes(name, test))));
    }

    private static DynamicTest passes(String file, PolicyTest test) {
        return dynamicTest(test.name(), () -> {
            Verdict verdict = PolicyTests.run(test);

            assertThat(verdict.passed())
                    .as(new TextReport(false, false).of(file, verdict))
                    .isTrue();
        });
    }
}
