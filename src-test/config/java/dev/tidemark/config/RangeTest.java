package dev.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RangeTest {

    private List<String> problems = List.of();

    private @Nullable Range read(String text, Unit unit) {
        Problems found = new Problems(new SourceText("test.yaml", text));
        int length = text.codePointCount(0, text.length());
        Range range = RangeReader.read(
                new YamlNode.Scalar(text, YamlNode.Style.PLAIN, 0, length), "x", unit, Reading.HOST, found);
        problems = Reading.problems(found.finish("valid")).stream()
                .map(it -> it.column() + ": " + it.message())
                .toList();
        assertThat(range == null).as("%s: %s", text, problems).isEqualTo(!problems.isEmpty());
        return range;
    }

    @ParameterizedTest
    @CsvSource({
        "COUNT, 3,             3,        true",
        "COUNT, 3,             4,        false",
        "COUNT, >= 3,          3,        true",
        "COUNT, > 3,           3,        false",
        "COUNT, < 3,           2.9,      true",
        "COUNT, < 3,           3,        false",
        "COUNT, <= 3,          3,        true",
        "COUNT, == 3,          3,        true",
        "COUNT, 3 to 5,        5,        true",
        "COUNT, 3 to 5,        5.1,      false",
        "COUNT, 0 to 5,        -1,       false",
        "BYTES, >=4KiB,        4096,     true",
        "BYTES, 1KiB   to 2KiB, 1500,    true",
        "BYTES, max,           Infinity, true",
        "BYTES, max,           5,        false",
        "BYTES, < max,         Infinity, false",
        "BYTES, 0,             0,        true",
        "RATIO, 30%,           0.30000000000000004, true",
        "RATIO, < 30%,         0.30000000000000004, false",
        "COUNT, >= 0,          NaN,      false",
        "COUNT, <= 0,          NaN,      false"
    })
    void contains(Unit unit, String text, double value, boolean expected) {
        Range range = read(text, unit);

        assertThat(problems).isEmpty();
        assertThat(range != null && range.contains(value)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "BYTES | 4        | 1: x is bytes but 4 has no unit; write 4MiB or 4B",
                "BYTES | >= 4s    | 4: x is bytes but 4s is a duration",
                "COUNT | many     | 1: x is a value or a range such as 3, \">= 3\", 3 to 8",
                "COUNT | != 3     | 1: x is a value or a range such as 3, \">= 3\", 3 to 8",
                "COUNT | 3 5      | 3: x is a value or a range such as 3, \">= 3\", 3 to 8",
                "COUNT | 3 to     | 5: x is a value or a range such as 3, \">= 3\", 3 to 8",
                "COUNT | > 3 to 5 | 1: x is a value or a range such as 3, \">= 3\", 3 to 8",
                "COUNT | 5 to 3   | 1: no value is in this range: the larger one comes last",
                "BYTES | 4MB      | 2: unknown unit \"MB\"; did you mean \"MiB\"?"
            })
    void saysWhatIsWrongAndWhere(Unit unit, String text, String problem) {
        assertThat(read(text, unit)).isNull();
        assertThat(problems).containsExactly(problem);
    }

    @Test
    void anyTextIsARangeOrHasProblems() {
        Check.forAll(2000, Gen.strings("0123 to<>=!KiBmax%s"), text -> read(text, Unit.BYTES));
        Check.forAll(500, Gen.anyStrings(), text -> read(text, Unit.COUNT));
    }
}
