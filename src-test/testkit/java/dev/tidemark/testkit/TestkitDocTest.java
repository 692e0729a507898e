package dev.tidemark.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** docs/testkit.md shows what is tested, and leaves no assertion out. */
class TestkitDocTest {

    private static final Path DOCS = Path.of("..", "docs", "testkit.md");
    private static final Path EXAMPLE = Path.of("..", "src-test", "testkit", "java", "example", "WatermarkTest.java");

    @Test
    void theExamplesAreTheOnesThatAreRun() throws IOException {
        String shown = Pattern.compile("(?ms)^```java\n(.*?)^```$")
                .matcher(Files.readString(DOCS))
                .results()
                .map(block -> block.group(1))
                .collect(Collectors.joining("\n"));
        String example = Files.readString(EXAMPLE);

        assertThat(shown).startsWith("@OnScenario(").endsWith("}\n");
        assertThat(words(example.substring(example.indexOf("@OnScenario(")))).isEqualTo(words(shown));
    }

    /** The formatter breaks lines otherwise than a page does. */
    private static String words(String java) {
        return java.replaceAll("\\s+", "");
    }

    @Test
    void everyAssertionIsInTheTable() throws IOException {
        String table = Files.readAllLines(DOCS).stream()
                .filter(line ->
                        line.startsWith("| ") || line.startsWith("and then goes on") || line.startsWith("Sizes, "))
                .collect(Collectors.joining("\n"));
        TreeSet<String> told = Pattern.compile("`([^`]+)`")
                .matcher(table)
                .results()
                .map(code -> code.group(1))
                .flatMap(code -> Arrays.stream(code.split("[^A-Za-z]+")))
                .collect(Collectors.toCollection(TreeSet::new));
        List<Class<?>> types = List.of(
                RunAssert.class,
                CgroupAssert.class,
                PolicyAssert.class,
                ActivationsAssert.class,
                WorkloadAssert.class,
                WorkloadAssert.Longer.class,
                ComparisonAssert.class,
                ComparisonAssert.WorkloadComparison.class,
                AmountAssert.class);

        for (Class<?> type : types) {
            assertThat(Arrays.stream(type.getDeclaredMethods())
                            .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
                            .map(Method::getName))
                    .as(type.getSimpleName())
                    .isNotEmpty()
                    .allMatch(told::contains);
        }
    }
}
