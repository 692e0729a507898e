package dev.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class UnitTest {
    @ParameterizedTest
    @CsvSource({
        "BYTES, 0, 0B",
        "BYTES, 1023, 1023B",
        "BYTES, 1024, 1KiB",
        "BYTES, 13107200, 12.5MiB",
        "BYTES, 1048575, 1MiB",
        "BYTES, 1073741823, 1GiB",
        "BYTES, 123456789, 117.7MiB",
        "BYTES, -13107200, -12.5MiB",
        "BYTES, 5e15, 4547TiB",
        "BYTE_RATE, 4194304, 4MiB/s",
        "RATE, 1200, 1200/s",
        "RATE, 0.5, 0.5/s",
        "COUNT, 1234567, 1234567",
        "COUNT, 123456.7, 123457",
        "COUNT, 1.23456, 1.235",
        "RATIO, 0.032, 3.2%",
        "RATIO, 1, 100%",
        "RATIO, 0.79999, 80%",
        "DURATION, 0, 0s",
        "DURATION, 0.15, 150ms",
        "DURATION, 0.0000005, 500ns",
        "DURATION, 1.5, 1.5s",
        "DURATION, 90, 90s",
        "DURATION, 120, 2m",
        "DURATION, 7200, 2h",
        "DURATION, 3661, 3661s",
        "TRUTH, 1, true",
        "TRUTH, 0, false",
    })
    void format(Unit unit, double value, String expected) {
        assertThat(unit.format(value)).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNotThere(Unit unit) {
        assertThat(unit.format(Double.NaN)).isEqualTo("unknown");
        if (unit != Unit.TRUTH) {
            assertThat(unit.format(Double.POSITIVE_INFINITY)).isEqualTo("max");
            assertThat(unit.format(Double.NEGATIVE_INFINITY)).isEqualTo("-max");
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "TRUTH")
    void exactTextReadsBackAsTheSameDouble(Unit unit) {
        Gen<Double> values = (random, size) -> switch (random.nextInt(3)) {
            case 0 -> (double) random.nextLong(1L << random.nextInt(1, 62));
            case 1 -> random.nextInt(10_000) / 1000.0;
            default -> Math.max(1e-12, Math.scalb(random.nextDouble(), random.nextInt(-40, 60)));
        };
        Check.forAll(values, value -> {
            String text = LiteralText.of(value, unit);
            assertThat(Reading.expr(text)).isInstanceOfSatisfying(Expr.Literal.class, literal -> {
                assertThat(literal.value()).isEqualTo(value);
                assertThat(literal.unit()).isEqualTo(unit);
            });
        });
    }

    @ParameterizedTest
    @CsvSource({"PT0.1S, 100ms", "PT1S, 1s", "PT1M, 1m", "PT1M30S, 90s", "PT24H, 24h", "PT0.000000001S, 1ns", "PT0S, 0s"
    })
    void durations(Duration duration, String text) {
        assertThat(LiteralText.of(duration)).isEqualTo(text);
    }

    @Test
    void everySignalIsFoundByItsNames() {
        for (Signal signal : Signal.all()) {
            assertThat(signal.names())
                    .isNotEmpty()
                    .allSatisfy(name -> assertThat(Signal.named(name)).isEqualTo(signal));
            assertThat(signal.description()).isNotBlank();
        }
        assertThat(Signal.named("psi.some")).isEqualTo(Signal.PSI_SOME_TOTAL);
        assertThat(Signal.named("nothing")).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "BYTES, 64MiB, 67108864",
        "BYTES, 2pages, 8192",
        "BYTES, 0B, 0",
        "COUNT, 3, 3",
        "RATIO, 5%, 0.05",
        "DURATION, 200ms, 0.2",
        "BYTE_RATE, 4MiB/s, 4194304",
        "RATE, 1000/s, 1000",
    })
    void aSingleValueIsReadAsInAFile(Unit unit, String text, double value) {
        assertThat(unit.parse(text)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "BYTES    | 64             | \"64\" is not bytes, as in 64MiB",
                "BYTES    | 5%             | \"5%\" is not bytes, as in 64MiB",
                "BYTES    | 64MB           | \"64MB\" is not bytes: unknown unit \"MB\"; did you mean \"MiB\"?",
                "DURATION | 2s 3s          | \"2s 3s\" is not a duration, as in 200ms",
                "DURATION | ''             | \"\" is not a duration, as in 200ms",
                "COUNT    | many           | \"many\" is not a count, as in 3",
                "RATE     | 1000           | \"1000\" is not a rate, as in 1000/s",
                "TRUTH    | true           | \"true\" is not a truth",
            })
    void whatIsNoSuchValueIsRefusedWithTheReason(Unit unit, String text, String message) {
        assertThatThrownBy(() -> unit.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
