package dev.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnalysisGlobsTest {

    private static Optional<String> common(String first, String second, String... without) {
        List<CgroupGlob> not = new ArrayList<>();
        for (String glob : without) {
            not.add(new CgroupGlob(glob));
        }
        return AnalysisGlobs.common(
                List.of(List.of(new CgroupGlob(first)), List.of(new CgroupGlob(second))), List.of(not));
    }

    @ParameterizedTest
    @CsvSource({
        "a, a, a",
        "a*, *b, ab",
        "a/**, **/b, a/b",
        "**, a/?, a/a",
        "'{a,b}.slice/*', 'b.slice/x-[0-9]', b.slice/x-0",
        "a/**/z, a/b/*/z, a/b/a/z",
        "'[!a]', '[a-b]', b"
    })
    void aSharedPathIsFound(String first, String second, String path) {
        assertThat(common(first, second)).contains(path);
    }

    @ParameterizedTest
    @CsvSource({"a, b", "a/*, a", "a?, a", "'[a-c]', '[d-f]', ", "**/b, **/c", "a/**, a", "*-x, *-y"})
    void noSharedPathIsInvented(String first, String second) {
        assertThat(common(first, second)).isEmpty();
    }

    @Test
    void whatIsExcludedDoesNotCount() {
        assertThat(common("a/*", "a/**", "a/*")).isEmpty();
        assertThat(common("a/*", "a/**", "a/?")).contains("a/aa");
        assertThat(common("a/{b,c}", "a/*", "a/b", "*/c")).isEmpty();
    }

    @Test
    void whatTakesTooLongIsNotDecided() {
        String many = "*a".repeat(120);

        assertThat(common(many + "b", many + "c")).isEmpty();
    }

    @Test
    void whatIsFoundIsMatchedByBothAndWhatIsNotFoundByNoShortPath() {
        Gen<String> names = Gen.of("a", "b", "*", "?", "a*", "*b", "[ab]", "[!a]", "{a,b}", "**", "ab", "a?b");
        Gen<String> globs = Gen.lists(names)
                .map(parts ->
                        String.join("/", parts.isEmpty() ? List.of("a") : parts.subList(0, Math.min(3, parts.size()))));
        List<String> paths = shortPaths();
        Check.forAll(
                600,
                globs.with(globs, List::of).with(globs, (pair, not) -> List.of(pair.get(0), pair.get(1), not)),
                it -> {
                    CgroupGlob first = new CgroupGlob(it.get(0));
                    CgroupGlob second = new CgroupGlob(it.get(1));
                    CgroupGlob not = new CgroupGlob(it.get(2));
                    Optional<String> found =
                            AnalysisGlobs.common(List.of(List.of(first), List.of(second)), List.of(List.of(not)));
                    if (found.isPresent()) {
                        String path = found.get();
                        assertThat(first.matches(path) && second.matches(path) && !not.matches(path))
                                .isTrue();
                    } else {
                        assertThat(paths)
                                .noneMatch(path -> first.matches(path) && second.matches(path) && !not.matches(path));
                    }
                });
    }

    private static List<String> shortPaths() {
        List<String> names = List.of("a", "b", "c", "ab", "ba", "acb");
        List<String> paths = new ArrayList<>(names);
        for (String first : names) {
            for (String second : names) {
                paths.add(first + "/" + second);
                names.forEach(third -> paths.add(first + "/" + second + "/" + third));
            }
        }
        return paths;
    }
}
