package dev.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Signal.Kind;
import dev.tidemark.config.Signal.Scale;
import dev.tidemark.config.Signal.Scope;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SignalTest {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*(\\.[a-z0-9_]+)*");

    @Test
    void eachIsAtItsIndex_andItsNamesAreItsOwn() {
        List<Signal> all = Signal.all();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < all.size(); i++) {
            Signal signal = all.get(i);
            assertThat(signal.index()).isEqualTo(i);
            assertThat(signal.names()).first().isEqualTo(signal.dotted());
            for (String name : signal.names()) {
                assertThat(name).matches(NAME);
                assertThat(names.add(name)).as(name).isTrue();
                assertThat(Signal.named(name)).isSameAs(signal);
            }
        }
        assertThat(all).hasSizeGreaterThan(400);
    }

    @Test
    void aHostsSignalIsToldByItsName() {
        assertThat(Signal.all())
                .allSatisfy(signal ->
                        assertThat(signal.dotted().startsWith("host.")).isEqualTo(signal.scope() == Scope.HOST));
    }

    @Test
    void eachHasOnePlaceOrParts() {
        for (Signal signal : Signal.all()) {
            boolean effective = Set.of(Signal.LIMIT, Signal.PROTECTION, Signal.SWAP_HEADROOM)
                    .contains(signal);
            assertThat(signal.file().isEmpty()).as(signal.dotted()).isEqualTo(signal.derived() || effective);
            if (!signal.keys().isEmpty()) {
                assertThat(signal.file()).isNotEmpty();
            }
            if (signal.keys().size() == 1) {
                assertThat(Signal.reading(
                                signal.scope(), signal.file(), signal.keys().getFirst()))
                        .as("no other is read from there")
                        .isSameAs(signal);
            }
        }
        assertThat(Signal.reading(Scope.CGROUP, "memory.current", "")).isSameAs(Signal.USAGE);
        assertThat(Signal.reading(Scope.HOST, "memory.current", "")).isNull();
    }

    @Test
    void partsOfDerivedOnesAreReadThemselves() {
        assertThat(Signal.all().stream().filter(Signal::derived))
                .isNotEmpty()
                .allSatisfy(signal -> assertThat(signal.parts())
                        .allSatisfy(part -> assertThat(part.derived()).isFalse())
                        .allSatisfy(part -> assertThat(part.scope()).isEqualTo(signal.scope())));
        assertThat(Signal.all().stream().filter(signal -> signal.kind() == Kind.SHARE))
                .allSatisfy(share -> assertThat(share.parts()).hasSize(2).allMatch(Signal::counter));
    }

    @Test
    void sinceIsARelease_andSaysWhatItIs() {
        assertThat(Signal.all()).allSatisfy(signal -> {
            assertThat(signal.since()).matches("[4-9]\\.\\d{1,2}");
            assertThat(signal.description()).isNotBlank().doesNotEndWith(".");
        });
    }

    @ParameterizedTest
    @CsvSource({
        "psi.some, COUNTER, DURATION, CGROUP, memory.pressure, some.total, MICROS, 4.20",
        "psi.io.full.avg60, GAUGE, RATIO, CGROUP, io.pressure, full.avg60, PERCENT, 4.20",
        "anon, GAUGE, BYTES, CGROUP, memory.stat, anon, ONE, 4.5",
        "workingset_refault_file, COUNTER, COUNT, CGROUP, memory.stat, workingset_refault_file, ONE, 5.9",
        "pgscan_proactive, COUNTER, COUNT, CGROUP, memory.stat, pgscan_proactive, ONE, 6.15",
        "file_dirty, GAUGE, BYTES, CGROUP, memory.stat, file_dirty, ONE, 4.5",
        "events.local.max, COUNTER, COUNT, CGROUP, memory.events.local, max, ONE, 5.3",
        "swap.events.fail, COUNTER, COUNT, CGROUP, memory.swap.events, fail, ONE, 4.18",
        "host.available, GAUGE, BYTES, HOST, meminfo, MemAvailable, KIB, 4.5",
        "host.vmstat.nr_dirty, GAUGE, BYTES, HOST, vmstat, nr_dirty, PAGE, 4.5",
        "host.psi.some, COUNTER, DURATION, HOST, pressure/memory, some.total, MICROS, 4.20"
    })
    void whatTheTableSays(
            String name, Kind kind, Unit unit, Scope scope, String file, String key, Scale scale, String since) {
        Signal signal = Objects.requireNonNull(Signal.named(name), name);

        assertThat(signal.kind()).isEqualTo(kind);
        assertThat(signal.unit()).isEqualTo(unit);
        assertThat(signal.scope()).isEqualTo(scope);
        assertThat(signal.file()).isEqualTo(file);
        assertThat(signal.keys()).containsExactly(key);
        assertThat(signal.scale()).isEqualTo(scale);
        assertThat(signal.since()).isEqualTo(since);
    }

    @Test
    void scales_toBaseUnits() {
        assertThat(Scale.ONE.of(7, 4096)).isEqualTo(7);
        assertThat(Scale.KIB.of(7, 4096)).isEqualTo(7168);
        assertThat(Scale.PAGE.of(7, 16_384)).isEqualTo(114_688);
        assertThat(Scale.PERCENT.of(1.5, 4096)).isEqualTo(0.015);
        assertThat(Scale.MICROS.of(2_500_000, 4096)).isEqualTo(2.5);
        assertThat(Scale.PERCENT.of(Double.NaN, 4096)).isNaN();
    }
}
