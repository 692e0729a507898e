package dev.tidemark.reclaim.cgroup2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.CgroupLimits;
import dev.tidemark.reclaim.Gfp;
import dev.tidemark.reclaim.LimitFile;
import dev.tidemark.reclaim.ReclaimOptions;
import dev.tidemark.reclaim.cgroup2.ReclaimCounters.Count;
import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import dev.tidemark.triggers.Cgroup;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnShareTest {
    private static final long LATE = OwnShare.LATE.toNanos();

    @TempDir
    Path directory;

    private FakeHost host;

    @BeforeEach
    void makeHost() {
        host = new FakeHost(directory);
    }

    @AfterEach
    void closeHost() {
        host.close();
    }

    private static OwnShare share() {
        return new OwnShare(new Cgroup(7, "a"));
    }

    private static double[] counters(double scans, double steals) {
        return new double[] {scans, steals};
    }

    @Test
    void whatMovesDuringAWriteIsItsOwn() {
        OwnShare share = share();
        assertThat(share.of(Count.SCAN, 100, 0)).isZero();

        OwnShare.Before before = share.began(counters(110, 60), 0);
        assertThat(share.of(Count.SCAN, 500, 0)).as("while it runs").isEqualTo(390);
        share.ended(before, counters(610, 360), 300, 0);

        assertThat(share.of(Count.SCAN, 610, 0)).isEqualTo(500);
        assertThat(share.of(Count.SCAN, 650, 0)).as("what comes after is not").isEqualTo(500);
        assertThat(share.of(Count.STEAL, 360, 0)).isEqualTo(300);
    }

    @Test
    void countersThatLagBehind_theRestIsOwed() {
        OwnShare share = share();
        share.of(Count.SCAN, 100, 0);
        share.of(Count.STEAL, 50, 0);

        OwnShare.Before before = share.began(counters(100, 50), 0);
        share.ended(before, counters(300, 150), 1_000, 0);
        assertThat(share.of(Count.STEAL, 650, LATE - 1)).isEqualTo(600);
        assertThat(share.of(Count.STEAL, 2_000, LATE - 1))
                .as("no more than it took")
                .isEqualTo(1_000);
        assertThat(share.of(Count.SCAN, 10_000, LATE - 1))
                .as("as many scans a steal as it was seen to need")
                .isEqualTo(200 + 900 * 2);
    }

    @Test
    void whatIsOwedIsForgotten() {
        OwnShare share = share();
        share.of(Count.STEAL, 50, 0);
        share.ended(share.began(counters(100, 50), 0), counters(100, 50), 1_000, 0);

        assertThat(share.of(Count.STEAL, 650, LATE)).isZero();
    }

    @Test
    void unreadableCounters_nothingIsItsOwn() {
        OwnShare share = share();
        share.of(Count.SCAN, 100, 0);
        share.ended(share.began(counters(Double.NaN, Double.NaN), 0), counters(Double.NaN, Double.NaN), 0, 0);

        assertThat(share.of(Count.SCAN, 150, 0)).isZero();
        assertThat(share.of(Count.SCAN, Double.NaN, 0)).isZero();
    }

    /** What happens to a cgroup, in random order: others reclaim, the agent does, the counters are read. */
    private enum Step {
        OTHERS,
        BEGIN,
        OWN,
        END,
        READ,
        READ_OLD
    }

    @Test
    void whatIsLeftNeverStepsBack_andIsNeverMoreThanAll() {
        Gen<List<Step>> runs = Gen.lists(Gen.of(Step.values()));
        Check.forAll(runs, steps -> {
            OwnShare share = share();
            Deque<OwnShare.Before> writes = new ArrayDeque<>();
            double direct = 1_000;
            double others = 1_000;
            double old = 1_000;
            double last = 0;
            for (Step step : steps) {
                switch (step) {
                    case OTHERS -> {
                        direct += 7;
                        others += 7;
                    }
                    case BEGIN -> writes.add(share.began(counters(direct, direct), 0));
                    case OWN -> direct += writes.isEmpty() ? 0 : 100;
                    case END -> {
                        if (!writes.isEmpty()) {
                            share.ended(writes.remove(), counters(direct, direct), 0, 0);
                        }
                    }
                    case READ, READ_OLD -> {
                        double read = step == Step.READ ? direct : old;
                        double left = read - share.of(Count.SCAN, read, 0);
                        assertThat(left).isGreaterThanOrEqualTo(last).isNotNegative();
                        assertThat(left)
                                .as("nothing of its own is taken for others'")
                                .isLessThanOrEqualTo(others);
                        last = left;
                        old = direct;
                    }
                }
            }
        });
    }

    /** A kernel before 6.15: a write to memory.reclaim counts as direct reclaim, there and above. */
    private final class OldKernel extends CgroupFs {
        final AtomicInteger statReads = new AtomicInteger();
        long scans = 100;
        long steals = 50;

        void show() {
            for (String path : new String[] {"", "a", "a/b"}) {
                host.set(
                        path,
                        "memory.stat",
                        "pgscan " + (scans + 5) + "\npgsteal " + (steals + 5) + "\npgscan_kswapd 5\npgscan_direct "
                                + scans + "\npgsteal_kswapd 5\npgsteal_direct " + steals + "\n");
            }
        }

        @Override
        int openForReading(Directory directory, String file, Scratch scratch) throws IOException {
            if (file.equals("memory.stat")) {
                statReads.incrementAndGet();
            }
            return super.openForReading(directory, file, scratch);
        }

        @Override
        int write(FileChannel channel, ByteBuffer request) throws IOException {
            scans += 64;
            steals += 32;
            show();
            return super.write(channel, request);
        }
    }

    private void reclaim(Cgroup2Controller controller, Cgroup cgroup) {
        controller
                .tryToFreeMemCgroupPages(
                        cgroup, 32, Gfp.GFP_KERNEL, ReclaimOptions.PROACTIVE | ReclaimOptions.MAY_SWAP, -1)
                .block();
    }

    @Test
    void throughTheController_hereAndInThoseAbove() throws IOException {
        Cgroup leaf = host.cgroup("a/b");
        Cgroup above = host.cgroup("a");
        OldKernel kernel = new OldKernel();
        kernel.show();

        try (Cgroup2Controller controller = host.open(kernel)) {
            String[] names = {"pgscan", "pgsteal", "pgscan_direct", "pgsteal_direct"};
            assertThat(HostSignalsTest.read(controller, leaf, names)).containsExactly(105, 55, 100, 50);
            assertThat(HostSignalsTest.read(controller, above, names)).containsExactly(105, 55, 100, 50);
            reclaim(controller, leaf);
            assertThat(HostSignalsTest.read(controller, leaf, names)).containsExactly(105, 55, 100, 50);
            assertThat(HostSignalsTest.read(controller, above, names)).containsExactly(105, 55, 100, 50);

            kernel.scans += 10;
            kernel.steals += 3;
            kernel.show();
            assertThat(HostSignalsTest.read(controller, leaf, names))
                    .as("that of others is told")
                    .containsExactly(115, 58, 110, 53);
            reclaim(controller, above);
            assertThat(HostSignalsTest.read(controller, above, names)).containsExactly(115, 58, 110, 53);
        }
    }

    @Test
    void newKernel_everybodysProactiveReclaimIsLeftOut() throws IOException {
        Cgroup cgroup = host.cgroup("a");
        host.set("a", "memory.stat", """
                pgscan 1007
                pgsteal 507
                pgscan_kswapd 5
                pgscan_direct 2
                pgscan_khugepaged 0
                pgscan_proactive 1000
                pgsteal_kswapd 5
                pgsteal_direct 2
                pgsteal_proactive 500
                """);

        try (Cgroup2Controller controller = host.open()) {
            assertThat(HostSignalsTest.read(
                            controller, cgroup, "pgscan", "pgsteal", "pgscan_direct", "pgscan_proactive"))
                    .containsExactly(7, 7, 2, 1000);
        }
    }

    @Test
    void whereNobodyReadsSuchSignals_writesAreNotMeasured() throws IOException {
        Cgroup cgroup = host.cgroup("a");
        OldKernel kernel = new OldKernel();

        try (Cgroup2Controller controller = host.open(host.options().withDescriptors(0), kernel)) {
            HostSignalsTest.read(controller, cgroup, "usage", "pgfault");
            int before = kernel.statReads.get();
            reclaim(controller, cgroup);
            assertThat(kernel.statReads).hasValue(before);

            HostSignalsTest.read(controller, cgroup, "pgscan");
            reclaim(controller, cgroup);
            assertThat(kernel.statReads)
                    .as("once for the sample, twice for the write")
                    .hasValue(before + 3);
        }
    }

    @Test
    void newKernel_writesAreNotMeasured() throws IOException {
        Cgroup cgroup = host.cgroup("a");
        host.set("a", "memory.stat", "pgscan_kswapd 1\npgscan_direct 2\npgscan_proactive 3\n");
        OldKernel counting = new OldKernel();

        try (Cgroup2Controller controller = host.open(host.options().withDescriptors(0), counting)) {
            assertThat(HostSignalsTest.read(controller, cgroup, Signal.PGSCAN.dotted()))
                    .containsExactly(3);
            reclaim(controller, cgroup);
            int seen = counting.statReads.get();
            reclaim(controller, cgroup);
            assertThat(counting.statReads).as("once it is known").hasValue(seen);
        }
    }

    /** A kernel from 6.15: only what memory.reclaim takes is counted apart. */
    private final class NewKernel extends CgroupFs {
        long direct = 100;
        long proactive = 1_000;

        void show() {
            host.set(
                    "a",
                    "memory.stat",
                    "pgscan_kswapd 5\npgscan_direct " + direct + "\npgscan_proactive " + proactive + "\n");
        }

        @Override
        int write(FileChannel channel, ByteBuffer text) throws IOException {
            boolean limit = StandardCharsets.US_ASCII
                    .decode(text.duplicate())
                    .toString()
                    .equals("4096\n");
            direct += limit ? 64 : 1;
            proactive += limit ? 0 : 64;
            show();
            return super.write(channel, text);
        }
    }

    @Test
    void newKernel_whatLoweringMemoryHighTakesIsItsOwn_whatOthersDoDuringAReclaimIsNot() throws IOException {
        Cgroup cgroup = host.cgroup("a");
        host.set("a", "memory.high", "max\n");
        NewKernel kernel = new NewKernel();
        kernel.show();

        try (Cgroup2Controller controller = host.open(kernel)) {
            assertThat(HostSignalsTest.read(controller, cgroup, "pgscan_direct"))
                    .containsExactly(100);
            reclaim(controller, cgroup);
            assertThat(HostSignalsTest.read(controller, cgroup, "pgscan_direct"))
                    .containsExactly(101);

            controller.setLimit(cgroup, LimitFile.HIGH, CgroupLimits.MAX, 4096).block();
            assertThat(kernel.direct).isEqualTo(165);
            assertThat(HostSignalsTest.read(controller, cgroup, "pgscan", "pgscan_direct"))
                    .containsExactly(106, 101);
        }
    }
}
