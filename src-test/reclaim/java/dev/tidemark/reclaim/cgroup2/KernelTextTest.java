package dev.tidemark.reclaim.cgroup2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelTextTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "33554432, 33554432",
        "9223372036854771712, 9223372036854771712",
        "max, Infinity",
        "'', NaN",
        "-1, NaN",
        "1x, NaN",
        "maxx, NaN",
        "1.2.3, NaN",
        "., NaN"
    })
    void single(String text, double expected) {
        byte[] bytes = (text + "\n").getBytes(StandardCharsets.US_ASCII);

        assertThat(new double[] {KernelText.single(bytes, bytes.length)}).containsExactly(expected);
    }

    @Test
    void flatKeyed_anyOrderUnknownKeysAndMissingOnes() {
        double[] found = flat(
                "new_key 9\npgscan 7\npgscan_direct 8\n\nno value\npgsteal\npgfault 3", "pgfault", "pgscan", "pgsteal");

        assertThat(found).containsExactly(3, 7, Double.NaN);
    }

    @Test
    void flatKeyed_lastLineCutShort() {
        assertThat(flat("pgfault 3\npgsca", "pgfault", "pgscan")).containsExactly(3, Double.NaN);
    }

    /** As one file changes: numbers of other lengths, now and then another order. */
    @Test
    void flatKeyed_fromKnownPlaces_findsWhatItFindsWithout() {
        byte[][] wanted = keys("pgscan_direct", "anon", "pgscan", "pgscan_proactive", "pgfault");
        List<String> order = List.of("anon", "file", "kernel", "pgscan", "pgscan_kswapd", "pgscan_direct", "pgfault");
        KeyPlaces places = new KeyPlaces(KernelFile.STAT, new FilePlan(KernelFile.Format.KEYED, 4096), null);
        Random random = new Random(5);
        for (int round = 0; round < 2_000; round++) {
            List<String> lines = new ArrayList<>();
            for (String key : random.nextInt(20) == 0 ? order.reversed() : order) {
                lines.add(key + " " + Long.toString(random.nextLong(1, 1L << random.nextInt(1, 50))) + "\n");
            }
            byte[] text = String.join("", lines).getBytes(StandardCharsets.US_ASCII);
            double[] with = {Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN};
            double[] without = with.clone();

            KernelText.flatKeyed(text, text.length, wanted, places, with);
            KernelText.flatKeyed(text, text.length, wanted, without);

            assertThat(with).containsExactly(without);
            assertThat(with[3]).isNaN();
            assertThat(with[4]).isPositive();
        }
    }

    @Test
    void flatKeyed_fromKnownPlaces_aFileThatHadNoneIsLookedThroughAgain() {
        byte[][] wanted = keys("pgscan");
        KeyPlaces places = new KeyPlaces(KernelFile.STAT, new FilePlan(KernelFile.Format.KEYED, 4096), null);
        double[] found = {Double.NaN};

        KernelText.flatKeyed(new byte[0], 0, wanted, places, found);
        byte[] text = "pgscan 7\n".getBytes(StandardCharsets.US_ASCII);
        KernelText.flatKeyed(text, text.length, wanted, places, found);

        assertThat(found).containsExactly(7);
    }

    @Test
    void pressure_numbersAsTheyStand() {
        double[] found = pressure(
                "some avg10=1.25 avg60=0.00 avg300=100.00 total=1500000\nfull avg10=0.07 total=0\n",
                "some.avg10",
                "some.avg300",
                "some.total",
                "full.avg10",
                "full.avg60",
                "full.total");

        assertThat(found).containsExactly(1.25, 100, 1_500_000, 0.07, Double.NaN, 0);
    }

    @Test
    void pressure_orderAndUnknownWordsDoNotMatter() {
        double[] found = pressure(
                "full total=5 extra\nother avg10=9\nsome x=1 total=2000000 avg10=50.00\n",
                "some.avg10",
                "some.total",
                "some.avg60",
                "full.total",
                "some.avg");

        assertThat(found).containsExactly(50, 2_000_000, Double.NaN, 5, Double.NaN);
    }

    @Test
    void memInfo_withAndWithoutAUnit() {
        double[] found = memInfo(
                "MemTotal:       24684084 kB\nActive(anon):          0 kB\nHugePages_Total:      12\nHugepagesize:\nBad: x kB\n",
                "MemTotal",
                "Active(anon)",
                "HugePages_Total",
                "Hugepagesize",
                "Bad",
                "SwapFree");

        assertThat(found).containsExactly(24_684_084, 0, 12, Double.NaN, Double.NaN, Double.NaN);
    }

    @Test
    void anyBytes_neverThrowNorGiveANegative() {
        Gen<String> text =
                Gen.oneOf(Gen.anyStrings(), Gen.strings("some full avg10=60.3\n"), Gen.strings("pgfault 019max\n\0"));
        KeyPlaces anywhere = new KeyPlaces(KernelFile.STAT, new FilePlan(KernelFile.Format.KEYED, 4096), null);
        Check.forAll(text, chars -> {
            byte[] bytes = chars.getBytes(StandardCharsets.ISO_8859_1);
            for (int length = 0; length <= bytes.length; length++) {
                double[] found = new double[8];
                KernelText.flatKeyed(bytes, length, keys("pgfault", "0", ""), found);
                KernelText.flatKeyed(bytes, length, keys("pgfault", "0", ""), anywhere, new double[8]);
                KernelText.pressure(bytes, length, keys("some.avg10", "full.60", "some.", "."), found);
                KernelText.memInfo(bytes, length, keys("pgfault", "full", ""), found);
                assertThat(Arrays.stream(found)).allMatch(value -> Double.isNaN(value) || value >= 0);
                assertThat(KernelText.single(bytes, length)).matches(value -> Double.isNaN(value) || value >= 0);
            }
        });
    }

    private static double[] flat(String text, String... keys) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        double[] found = new double[keys.length];
        Arrays.fill(found, Double.NaN);
        KernelText.flatKeyed(bytes, bytes.length, keys(keys), found);
        return found;
    }

    private static double[] pressure(String text, String... keys) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        double[] found = new double[keys.length];
        Arrays.fill(found, Double.NaN);
        KernelText.pressure(bytes, bytes.length, keys(keys), found);
        return found;
    }

    private static double[] memInfo(String text, String... keys) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        double[] found = new double[keys.length];
        Arrays.fill(found, Double.NaN);
        KernelText.memInfo(bytes, bytes.length, keys(keys), found);
        return found;
    }

    private static byte[][] keys(String... keys) {
        return Arrays.stream(keys).map(KernelText::key).toArray(byte[][]::new);
    }
}
