package dev.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Series.Item;
import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SeriesTest {

    private final List<String> problems = new ArrayList<>();

    private @Nullable Series read(String text, Unit unit) {
        Problems found = new Problems(new SourceText("test.yaml", text));
        int length = text.codePointCount(0, text.length());
        Series series = SeriesReader.read(
                new YamlNode.Scalar(text, YamlNode.Style.PLAIN, 0, length), "x", unit, Reading.HOST, found);
        problems.clear();
        Reading.problems(found.finish("valid")).forEach(it -> problems.add(it.column() + ": " + it.message()));
        assertThat(series == null).as("%s: %s", text, problems).isEqualTo(!problems.isEmpty());
        return series;
    }

    private Series valid(String text, Unit unit) {
        Series series = read(text, unit);
        if (series == null) {
            throw new AssertionError(text + ": " + problems);
        }
        return series;
    }

    private String values(String text, Unit unit) {
        Series series = valid(text, unit);
        return IntStream.range(0, series.length())
                .mapToDouble(series::at)
                .mapToObj(value -> Double.isNaN(value) ? "_" : unit.format(value))
                .collect(Collectors.joining(" "));
    }

    @ParameterizedTest
    @CsvSource({
        "BYTES,    4MiB+1MiBx3,         4MiB 5MiB 6MiB 7MiB",
        "BYTES,    4MiB-1MiBx4,         4MiB 3MiB 2MiB 1MiB 0B",
        "BYTES,    0x2 12KiB _ max,     0B 0B 0B 12KiB _ max",
        "BYTES,    maxx1 3pages,        max max 12KiB",
        "BYTES,    '  1GiB   2GiB ',    1GiB 2GiB",
        "COUNT,    12+3x2 _x3 7 stale,  12 15 18 _ _ _ 7 _",
        "RATIO,    5%+1%x3 0,           5% 6% 7% 8% 0%",
        "DURATION, 0+50msx2 1s,         0s 50ms 100ms 1s",
        "COUNT,    1x0,                 1",
        "COUNT,    1.5+0.1x2,           1.5 1.6 1.7",
        "RATE,     10/s+5/sx1,          10/s 15/s"
    })
    void isWhatPrometheusMakesOfTheNotation(Unit unit, String text, String values) {
        assertThat(values(text, unit)).isEqualTo(values);
    }

    /** As it is written, and not what binary fractions add up to. */
    @Test
    void addsUpInDecimals() {
        Series series = valid("5%+1%x10", Unit.RATIO);

        assertThat(IntStream.range(0, 11).mapToDouble(series::at))
                .containsExactly(0.05, 0.06, 0.07, 0.08, 0.09, 0.10, 0.11, 0.12, 0.13, 0.14, 0.15);
    }

    @Test
    void staysAsItWasAtItsEnd() {
        assertThat(valid("1+1x2", Unit.COUNT).at(1_000_000_000_000L)).isEqualTo(3);
        assertThat(valid("1 stale", Unit.COUNT).at(7)).isNaN();
        assertThat(valid("1 _", Unit.COUNT).at(7)).isNaN();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "BYTES | 4MiB 12       | 6: x is bytes but 12 has no unit; write 12MiB or 12B",
                "BYTES | 4s            | 1: x is bytes but 4s is a duration",
                "COUNT | 4MiBx3        | 1: x is a count but 4MiB is bytes",
                "RATIO | max           | 1: max stands for a limit that is not set; x is a ratio",
                "BYTES | 4MB           | 2: unknown unit \"MB\"; did you mean \"MiB\"?",
                "BYTES | 4MiB+1MiB     | 1: how often is missing; write 4MiB+1MiBx10 for ten more values",
                "BYTES | 2MiB-1MiBx5   | 1: falls below 0 with its 4th value",
                "BYTES | 4MiB stale 4B | 12: nothing comes after \"stale\"; for a gap write _ or _x5",
                "COUNT | 3 -2          | 3: \"-2\" is not a value; items are values such as 0x6 12+3x10, _ and stale; values are not"
                        + " negative",
                "COUNT | 3 nan         | 3: \"nan\" is not a value; items are values such as 0x6 12+3x10, _ and stale",
                "COUNT | 3+x4          | 3: \"\" is not a value; items are values such as 0x6 12+3x10, _ and stale",
                "COUNT | 1x1000000     | 2: a series has at most 1000000 values",
                "COUNT | 0x9 1x999995  | 5: a series has at most 1000000 values",
                "COUNT | 1x99999999999 | 2: a series has at most 1000000 values",
                "COUNT | _x0           | 1: _x0 is no sample at all; leave it out",
                "COUNT | 5,6           | 2: a blank is missing before \",6\""
            })
    void saysWhatIsWrongAndWhere(Unit unit, String text, String problem) {
        assertThat(read(text, unit)).isNull();
        assertThat(problems).containsExactly(problem);
    }

    @Test
    void tellsAllItemsThatAreWrong() {
        assertThat(read("4MB 5 6MiB 7q", Unit.BYTES)).isNull();
        assertThat(problems).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"BYTES", "COUNT", "RATIO", "DURATION", "RATE", "BYTE_RATE"})
    void readingWhatItPrintsGivesItBack(Unit unit) {
        Check.forAll(400, series(unit), series -> {
            Series again = valid(series.toString(), unit);

            assertThat(again).isEqualTo(series);
            assertThat(again).hasToString(series.toString());
        });
    }

    private static Gen<Series> series(Unit unit) {
        double scale = unit == Unit.COUNT || unit == Unit.BYTES ? 1 : 0.001;
        Gen<Item> run = (random, size) -> {
            int further = random.nextInt(1 + size);
            double start = random.nextInt(1, 1 << 20) * scale;
            double step = random.nextInt(-20, 1 << 12) * scale;
            boolean falls = new Item.Run(start, step, further).at(further) < 0;
            // Without further ones there is no step to be written.
            return new Item.Run(start, falls || further == 0 ? 0 : step, further);
        };
        Gen<Item> unlimited = (random, size) -> new Item.Run(Double.POSITIVE_INFINITY, 0, random.nextInt(3));
        Gen<Item> missing = (random, size) -> new Item.Missing(1 + random.nextInt(5));
        Gen<Item> item = unit == Unit.BYTES ? Gen.oneOf(run, run, missing, unlimited) : Gen.oneOf(run, run, missing);
        return (random, size) -> {
            List<Item> items = new ArrayList<>();
            for (int i = 0; i <= random.nextInt(1 + size / 4); i++) {
                items.add(item.next(random, size));
            }
            if (random.nextInt(4) == 0) {
                items.add(new Item.Stale());
            }
            return new Series(unit, items);
        };
    }

    @Test
    void anyTextIsASeriesOrHasProblems() {
        Gen<String> near = Gen.strings("0123459.x+-_ MiBmaxs%/stale\t");
        for (Unit unit : List.of(Unit.BYTES, Unit.COUNT, Unit.RATIO)) {
            Check.forAll(1500, near, text -> read(text, unit));
            Check.forAll(500, Gen.anyStrings(), text -> read(text, unit));
        }
    }
}
