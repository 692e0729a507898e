package dev.tidemark.reclaim.cgroup2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Signal;
import dev.tidemark.config.Signal.Scope;
import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.SignalSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** memory.stat as kernels of different age write it. */
class MemoryStatTest {
    /** Linux 6.1, Debian's, without zswap. */
    private static final List<String> KEYS_6_1 = List.of(
            ("anon file kernel kernel_stack pagetables sec_pagetables percpu sock vmalloc shmem file_mapped file_dirty "
                            + "file_writeback swapcached anon_thp file_thp shmem_thp inactive_anon active_anon inactive_file "
                            + "active_file unevictable slab_reclaimable slab_unreclaimable slab workingset_refault_anon "
                            + "workingset_refault_file workingset_activate_anon workingset_activate_file workingset_restore_anon "
                            + "workingset_restore_file workingset_nodereclaim pgscan pgsteal pgscan_kswapd pgscan_direct "
                            + "pgsteal_kswapd pgsteal_direct pgfault pgmajfault pgrefill pgactivate pgdeactivate pglazyfree "
                            + "pglazyfreed thp_fault_alloc thp_collapse_alloc")
                    .split(" "));

    private static final List<String> SINCE_6_12 = List.of(
            ("zswap zswapped pgscan_khugepaged pgsteal_khugepaged swpin_zero swpout_zero zswpin zswpout zswpwb thp_swpout "
                            + "thp_swpout_fallback numa_pages_migrated numa_pte_updates numa_hint_faults pgdemote_kswapd "
                            + "pgdemote_direct pgdemote_khugepaged pgpromote_success")
                    .split(" "));

    private static final List<String> SINCE_7_2 = List.of(
            "zswap_incomp hugetlb pswpin pswpout pgscan_proactive pgsteal_proactive pgdemote_proactive".split(" "));

    @TempDir
    Path directory;

    private FakeHost host;
    private Cgroup cgroup;

    @BeforeEach
    void makeHost() {
        host = new FakeHost(directory);
        cgroup = host.cgroup("a");
    }

    @AfterEach
    void closeHost() {
        host.close();
    }

    @Test
    void of6_1() {
        assertRead(KEYS_6_1, List.of(SINCE_6_12, SINCE_7_2));
    }

    @Test
    void of6_12() {
        assertRead(and(KEYS_6_1, SINCE_6_12), List.of(SINCE_7_2));
    }

    @Test
    void of7_2() {
        assertRead(and(and(KEYS_6_1, SINCE_6_12), SINCE_7_2), List.of());
    }

    @Test
    void theCatalogHasEveryKeyOfThem_andNoOther() {
        List<String> keys = and(and(KEYS_6_1, SINCE_6_12), SINCE_7_2);

        assertThat(Signal.all().stream()
                        .filter(signal -> signal.file().equals("memory.stat"))
                        .flatMap(signal -> signal.keys().stream())
                        .distinct())
                .containsExactlyInAnyOrderElementsOf(keys);
    }

    /** Each key has its own number, so that one taken for another shows. */
    private void assertRead(List<String> keys, List<List<String>> later) {
        Map<String, Long> numbers = new HashMap<>();
        StringBuilder text = new StringBuilder();
        for (String key : keys) {
            long number = 1_000L + numbers.size();
            numbers.put(key, number);
            text.append(key).append(' ').append(number).append('\n');
        }
        host.set("a", "memory.stat", text.toString());

        Map<String, Double> values = read();

        numbers.forEach((key, number) -> {
            if (!List.of("pgscan", "pgsteal").contains(key)) {
                assertThat(values).as(key).containsEntry(key, (double) number);
            }
        });
        for (String count : List.of("pgscan", "pgsteal")) {
            double kinds = numbers.getOrDefault(count + "_kswapd", 0L)
                    + (double) numbers.getOrDefault(count + "_direct", 0L)
                    + numbers.getOrDefault(count + "_khugepaged", 0L);
            assertThat(values).as("all but the proactive ones").containsEntry(count, kinds);
        }
        for (List<String> none : later) {
            assertThat(none).allSatisfy(key -> assertThat(values.get(key)).isNaN());
        }
    }

    @Test
    void beforeThereWereKinds_theTotalIsTold() {
        host.set("a", "memory.stat", "pgscan 50\npgsteal 40\npgfault 3\n");

        assertThat(read())
                .containsEntry("pgscan", 50.0)
                .containsEntry("pgsteal", 40.0)
                .containsEntry("pgscan_direct", Double.NaN);
    }

    @Test
    void totalAndProactiveOnly_areSubtracted() {
        host.set("a", "memory.stat", "pgscan 50\npgscan_proactive 20\n");

        assertThat(read()).containsEntry("pgscan", 30.0);
    }

    @Test
    void keysInAnyOrder_amongLinesThatMeanNothing() {
        Gen<List<String>> noise = Gen.lists(Gen.strings("abgpscn_ 0189.\t"));
        Map<String, Double> plain = read("pgscan_kswapd 1", "pgscan_direct 2", "pgfault 3", "anon 4");

        Check.forAll(noise, lines -> {
            List<String> all = new ArrayList<>(List.of("anon 4", "pgscan_direct 2", "pgfault 3", "pgscan_kswapd 1"));
            lines.stream()
                    .filter(line -> !line.matches("(pgscan|anon|pgfault).*"))
                    .forEach(line -> all.add(1, line));
            Map<String, Double> values = read(all.toArray(String[]::new));
            for (String key : List.of("pgscan", "pgscan_direct", "pgfault", "anon")) {
                assertThat(values).containsEntry(key, plain.get(key));
            }
        });
    }

    private Map<String, Double> read(String... lines) {
        host.set("a", "memory.stat", String.join("\n", lines) + "\n");
        return read();
    }

    private Map<String, Double> read() {
        List<Signal> signals = Signal.all().stream()
                .filter(signal ->
                        signal.scope() == Scope.CGROUP && signal.file().equals("memory.stat"))
                .toList();
        SignalSet set = SignalSet.of(signals);
        double[] values = new double[set.size()];
        try (Cgroup2Controller controller = host.open()) {
            controller.read(cgroup, set, values);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, Double> byKey = new TreeMap<>();
        for (Signal signal : signals) {
            String name = signal.keys().size() == 1 ? signal.keys().getFirst() : signal.dotted();
            byKey.put(name, values[set.slot(signal)]);
        }
        return byKey;
    }

    private static List<String> and(List<String> some, List<String> others) {
        List<String> all = new ArrayList<>(some);
        all.addAll(others);
        return all;
    }
}
