package dev.tidemark.reclaim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.Policy;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ReclaimEvent.Reason;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GuardsTest {

    private static final int PAGE = 4096;
    private static final long MIB = 1 << 20;
    private static final long BATCH = 1024;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Cgroup cgroup = new Cgroup();

    /** What the guards are shown: sampled whenever a test says so. */
    private static final class Cgroup extends SeenCgroup {
        long observed;

        Cgroup() {
            now = 100 * SECOND;
            observed = now;
        }

        Cgroup with(Signal signal, double value) {
            values.put(signal, value);
            return this;
        }

        Cgroup plus(Signal signal, double value) {
            values.merge(signal, value, Double::sum);
            return this;
        }

        /** A second later there is a new sample. */
        Cgroup sampled() {
            now += SECOND;
            observed = now;
            return this;
        }

        void reclaimable(double files, double anon, double swap) {
            nothingReclaimable();
            with(Signal.INACTIVE_FILE, files).with(Signal.INACTIVE_ANON, anon).with(Signal.SWAP_HEADROOM, swap);
        }

        @Override
        public long observedNanos(Signal signal) {
            return observed;
        }
    }

    @Nested
    class Floor {

        @Test
        void letsGoOfWhatLiesAboveIt() {
            Guards guards = guards("limits: { floor: 8MiB }");

            cgroup.usage = 100 * MIB;
            assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Go(BATCH, null));
            cgroup.usage = 10 * MIB;
            assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Go(512, null));
            cgroup.usage = 8 * MIB + 32 * PAGE;
            assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Go(32, null));
        }

        @Test
        void holdsWhatIsLessThanTheKernelTakes() {
            Guards guards = guards("limits: { floor: 8MiB }");

            cgroup.usage = 8 * MIB + 32 * PAGE - 1;

            assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Held(Reason.FLOOR, cgroup.usage, 8 * MIB, 0));
            cgroup.usage = 4 * MIB;
            assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Held(Reason.FLOOR, 4 * MIB, 8 * MIB, 0));
        }

        @Test
        void usageThatIsNotKnown_holdsNothingBack() {
            cgroup.usage = Double.NaN;

            assertThat(guards("limits: { floor: 8MiB }").rule(cgroup, BATCH)).isEqualTo(new Ruling.Go(BATCH, null));
        }

        @ParameterizedTest
        @CsvSource({
            "limits: { floor: 600MiB },                       FLOOR,      600",
            "'guards: { protection: effective }',              PROTECTION, 500",
            "'guards: { margin: 50MiB }',                      MARGIN,     750",
            "'guards: { ratio: 40% }',                         RATIO,      800",
            "'guards: { ratio: 20%, margin: 50MiB }',          MARGIN,     750",
            "'guards: { ratio: 20%, protection: effective }',  PROTECTION, 500",
        })
        void isTheHighestOfAll(String keys, Reason reason, long mib) {
            cgroup.reclaimable(300 * MIB, 0, 0);
            cgroup.with(Signal.PROTECTION, 500 * MIB).with(Signal.LIMIT, 2000 * MIB);
            cgroup.values.remove(Signal.SWAP_HEADROOM);
            if (reason == Reason.MARGIN) {
                cgroup.with(Signal.SWAP_HEADROOM, 0).usage = 1000 * MIB;
            }
            Guards guards = guards(keys.contains("guards") ? keys.replace("}", ", swap: none }") : keys);

            assertThat(guards.rule(cgroup, 1 << 20)).isEqualTo(new Ruling.Go((1000 - mib) * MIB / PAGE, null));
            cgroup.usage = mib * MIB;
            if (reason == Reason.MARGIN) {
                // What cannot be reclaimed is what is left of usage: as much as before.
                cgroup.with(Signal.INACTIVE_FILE, 50 * MIB);
            }
            assertThat(guards.rule(cgroup, 1 << 20)).isEqualTo(new Ruling.Held(reason, mib * MIB, mib * MIB, 0));
        }

        @Test
        void protection_isOffWhereThatIsSaid() {
            cgroup.with(Signal.PROTECTION, 2000 * MIB);

            assertThat(guards("guards: { protection: none }").rule(cgroup, BATCH))
                    .isEqualTo(new Ruling.Go(BATCH, null));
            assertThat(guards("cooldown: 1s").rule(cgroup, BATCH))
                    .as("it is on without being asked for")
                    .isEqualTo(new Ruling.Held(Reason.PROTECTION, 1000 * MIB, 2000 * MIB, 0));
        }

        /** Usage, protection and limit jump about, are unknown at times, and the kernel takes more or less than it is asked for. */
        @Test
        void nothingBelowItIsAskedFor_whateverIsSeen() {
            for (int seed = 0; seed < 200; seed++) {
                SplittableRandom random = new SplittableRandom(seed);
                Guards guards = guards("""
                        limits: { floor: 64MiB }
                            guards: { margin: 16MiB, ratio: 30%, swap: none, refault_ratio: 50%, livelock: 2s, psi: 20% }
                        """);
                for (int step = 0; step < 300; step++) {
                    cgroup.sampled();
                    cgroup.usage = random.nextInt(20) == 0 ? Double.NaN : random.nextInt(2000) * MIB;
                    see(random, Signal.PROTECTION, 1000 * MIB);
                    see(random, Signal.LIMIT, 3000 * MIB);
                    see(random, Signal.INACTIVE_FILE, 1000 * MIB);
                    for (Signal none : List.of(Signal.ACTIVE_FILE, Signal.DIRTY, Signal.WRITEBACK)) {
                        cgroup.with(none, 0);
                    }
                    see(random, Signal.INACTIVE_ANON, 500 * MIB);
                    cgroup.with(Signal.ACTIVE_ANON, 0);
                    see(random, Signal.SWAP_HEADROOM, 500 * MIB);
                    cgroup.plus(Signal.REFAULT, random.nextInt(2000)).plus(Signal.PGSTEAL, random.nextInt(2000));
                    cgroup.plus(Signal.PSI_SOME_TOTAL, random.nextDouble());
                    long wanted = 32L + random.nextInt(100_000);

                    Ruling ruling = guards.rule(cgroup, wanted);

                    if (ruling instanceof Ruling.Go(long nrPages, var _)) {
                        assertThat(nrPages).isBetween(32L, wanted);
                        if (!Double.isNaN(cgroup.usage)) {
                            assertThat(cgroup.usage - nrPages * (double) PAGE)
                                    .as("seed %d step %d", seed, step)
                                    .isGreaterThanOrEqualTo(floor());
                        }
                        guards.reclaimed(cgroup, nrPages, result(random.nextLong(2 * nrPages), Outcome.SUCCESS));
                    } else if (ruling instanceof Ruling.Held held) {
                        assertThat(held.retryNanos()).isNotNegative();
                        assertThat(held.value()).isNotNaN();
                    }
                }
            }
        }

        private void see(SplittableRandom random, Signal signal, double most) {
            cgroup.with(signal, random.nextInt(10) == 0 ? Double.NaN : Math.rint(random.nextDouble() * most));
        }

        private double floor() {
            double unreclaimable = cgroup.usage
                    - Math.max(0, cgroup.value(Signal.INACTIVE_FILE))
                    - Math.min(cgroup.value(Signal.INACTIVE_ANON), cgroup.value(Signal.SWAP_HEADROOM));
            double floor = 64 * MIB;
            for (double each : new double[] {
                cgroup.value(Signal.PROTECTION), 0.3 * cgroup.value(Signal.LIMIT), unreclaimable + 16 * MIB
            }) {
                floor = each > floor ? each : floor;
            }
            return floor;
        }
    }

    @Nested
    class Swap {

        @Test
        void noLandingPlace_filesOnlyUntilNoneCome_thenNothing() {
            Guards guards = guards("guards: { swap: 64MiB }");
            cgroup.with(Signal.SWAP_HEADROOM, 64 * MIB - PAGE);

            Ruling.Held held = new Ruling.Held(Reason.SWAP, 64 * MIB - PAGE, 64 * MIB, 0);
            assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Go(BATCH, held));
            guards.reclaimed(cgroup, BATCH, result(BATCH, Outcome.SUCCESS));
            assertThat(guards.rule(cgroup, BATCH)).as("files come").isEqualTo(new Ruling.Go(BATCH, held));

            guards.reclaimed(cgroup, BATCH, result(0, Outcome.AGAIN));
            assertThat(guards.rule(cgroup, BATCH))
                    .as("nothing but anonymous memory is left")
                    .isEqualTo(new Ruling.Held(Reason.SWAP, 64 * MIB - PAGE, 64 * MIB, SECOND));
            cgroup.now += SECOND;
            assertThat(guards.rule(cgroup, BATCH))
                    .as("there may be files again")
                    .isEqualTo(new Ruling.Go(BATCH, held));
            guards.reclaimed(cgroup, BATCH, result(0, Outcome.AGAIN));
            assertThat(guards.rule(cgroup, BATCH))
                    .as("it is asked less and less")
                    .isEqualTo(new Ruling.Held(Reason.SWAP, 64 * MIB - PAGE, 64 * MIB, 2 * SECOND));
        }

        @Test
        void noSwapAtAll_isNotTooLittle_untilNoFilesCome() {
            Guards guards = guards("guards: { swap: 64MiB }");
            cgroup.with(Signal.SWAP_HEADROOM, 0);

            assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Go(BATCH, null));
            guards.reclaimed(cgroup, BATCH, result(0, Outcome.AGAIN));

            assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Held(Reason.SWAP, 0, 64 * MIB, SECOND));
        }

        @Test
        void aKernelThatCannotBeAskedForFilesOnly_isNotAskedAgainAndAgain() {
            Guards guards = guards("guards: { swap: 64MiB }");
            cgroup.with(Signal.SWAP_HEADROOM, MIB);
            guards.rule(cgroup, BATCH);

            guards.reclaimed(cgroup, BATCH, result(0, Outcome.REFUSED));

            assertThat(guards.rule(cgroup, BATCH))
                    .isEqualTo(new Ruling.Held(Reason.SWAP, MIB, 64 * MIB, LandingPlace.FIRST_NANOS));
        }

        @Test
        void swapGate_closesAsSwapFillsAndOpensAsItEmpties() {
            Guards guards = guards("guards: { swap: 64MiB }");

            boolean[] open = new boolean[10];
            for (int i = 0; i < open.length; i++) {
                cgroup.sampled().with(Signal.SWAP_HEADROOM, MIB + Math.abs(5 - i) * 16.0 * MIB);
                open[i] = ((Ruling.Go) guards.rule(cgroup, BATCH)).mayTakeAnon();
            }

            assertThat(open).containsExactly(true, true, false, false, false, false, false, false, false, true);
        }

        @Test
        void whatHasGoneOutSinceTheSample_isTakenOff() {
            Guards guards = guards("guards: { swap: 64MiB }");
            cgroup.with(Signal.SWAP_HEADROOM, 66 * MIB);
            guards.rule(cgroup, BATCH);

            guards.reclaimed(cgroup, BATCH, swapping(512));
            assertThat(((Ruling.Go) guards.rule(cgroup, BATCH)).mayTakeAnon()).isTrue();
            guards.reclaimed(cgroup, BATCH, swapping(1));
            assertThat(guards.rule(cgroup, BATCH))
                    .isEqualTo(new Ruling.Go(BATCH, new Ruling.Held(Reason.SWAP, 64 * MIB - PAGE, 64 * MIB, 0)));
            cgroup.sampled();
            assertThat(((Ruling.Go) guards.rule(cgroup, BATCH)).mayTakeAnon())
                    .as("the sample knows of it")
                    .isTrue();
        }

        @Test
        void anonymousMemoryOnly_andNowhereToPutIt_isNothing() {
            Guards guards = guards("reclaim: { swappiness: max }");
            cgroup.with(Signal.SWAP_HEADROOM, 0);

            assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Held(Reason.SWAP, 0, 64 * MIB, 0));
        }

        @Test
        void filesOnly_needNoLandingPlace() {
            Guards guards = guards("reclaim: { swappiness: none }");
            cgroup.with(Signal.SWAP_HEADROOM, MIB);

            guards.rule(cgroup, BATCH);
            guards.reclaimed(cgroup, BATCH, result(0, Outcome.AGAIN));

            assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Go(BATCH, null));
        }

        @Test
        void isOnWithoutBeingAskedFor_andOffWhereThatIsSaid() {
            cgroup.with(Signal.SWAP_HEADROOM, MIB);

            assertThat(((Ruling.Go) guards("cooldown: 1s").rule(cgroup, BATCH)).mayTakeAnon())
                    .isFalse();
            assertThat(((Ruling.Go) guards("guards: { swap: none }").rule(cgroup, BATCH)).mayTakeAnon())
                    .isTrue();
            cgroup.values.clear();
            assertThat(((Ruling.Go) guards("cooldown: 1s").rule(cgroup, BATCH)).mayTakeAnon())
                    .as("not known")
                    .isTrue();
        }
    }

    @Nested
    class Harm {

        @Test
        void psi_byTheAverageUntilTheTotalHasBeenSeenTwice() {
            Guards guards = guards("guards: { psi: 10% }");
            cgroup.with(Signal.PSI_SOME_TOTAL, 5).with(Signal.PSI_SOME_AVG10, 0.3);

            assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Held(Reason.PSI, 0.3, 0.1, 0));
            cgroup.sampled().plus(Signal.PSI_SOME_TOTAL, 0.1);
            assertThat(guards.rule(cgroup, BATCH)).as("just at the mark").isEqualTo(new Ruling.Go(BATCH, null));
            cgroup.sampled().plus(Signal.PSI_SOME_TOTAL, 0.25);
            assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Held(Reason.PSI, 0.25, 0.1, 0));
            assertThat(guards.rule(cgroup, BATCH)).as("no news").isEqualTo(new Ruling.Held(Reason.PSI, 0.25, 0.1, 0));
            cgroup.sampled();
            assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Go(BATCH, null));
        }

        @Test
        void ioPsi() {
            Guards guards = guards("guards: { io_psi: 10% }");
            cgroup.with(Signal.PSI_IO_SOME_TOTAL, 5).with(Signal.PSI_SOME_AVG10, 1);
            guards.rule(cgroup, BATCH);

            cgroup.sampled().plus(Signal.PSI_IO_SOME_TOTAL, 0.5);

            assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Held(Reason.IO_PSI, 0.5, 0.1, 0));
        }

        @Test
        void majorFaults_needTwoSamples_andDelayNoFirstBatch() {
            Guards guards = guards("guards: { major_faults: 100/s }");
            cgroup.with(Signal.PGMAJFAULT, 1_000_000);

            assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Go(BATCH, null));
            cgroup.sampled().plus(Signal.PGMAJFAULT, 101);
            assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Held(Reason.MAJOR_FAULTS, 101, 100, 0));
            cgroup.sampled().plus(Signal.PGMAJFAULT, 99);
            assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Go(BATCH, null));
        }

        @Test
        void aCounterThatFell_beginsAnew() {
            Guards guards = guards("guards: { major_faults: 100/s }");
            cgroup.with(Signal.PGMAJFAULT, 1_000_000);
            guards.rule(cgroup, BATCH);
            cgroup.sampled().with(Signal.PGMAJFAULT, 5);
            guards.rule(cgroup, BATCH);

            cgroup.sampled().plus(Signal.PGMAJFAULT, 200);

            assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Held(Reason.MAJOR_FAULTS, 200, 100, 0));
        }

        @Test
        void kswapd_isTheHosts() {
            Guards guards = guards("guards: { kswapd: 1000/s }");
            cgroup.with(Signal.HOST_PGSCAN_KSWAPD, 0);
            guards.rule(cgroup, BATCH);

            cgroup.sampled().plus(Signal.HOST_PGSCAN_KSWAPD, 1024);

            assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Held(Reason.KSWAPD, 1024, 1000, 0));
        }

        @Test
        void ofTwoThatHold_theFirstIsTold_andTheOtherHasLookedAllTheSame() {
            Guards guards = guards("guards: { psi: 10%, major_faults: 100/s }");
            cgroup.with(Signal.PSI_SOME_TOTAL, 0).with(Signal.PGMAJFAULT, 0);
            guards.rule(cgroup, BATCH);
            cgroup.sampled().plus(Signal.PSI_SOME_TOTAL, 1).plus(Signal.PGMAJFAULT, 1000);
            assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Held(Reason.PSI, 1, 0.1, 0));

            cgroup.sampled().plus(Signal.PGMAJFAULT, 500);

            assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Held(Reason.MAJOR_FAULTS, 500, 100, 0));
        }
    }

    @Nested
    class Refaults {

        private final Guards guards = guards("guards: { refault_ratio: 20% }");

        private void take(long pages) {
            assertThat(guards.rule(cgroup, pages)).isEqualTo(new Ruling.Go(pages, null));
            guards.reclaimed(cgroup, pages, result(pages, Outcome.SUCCESS));
        }

        @Test
        void ownShare_pagesTakenByTheAgentAreAmongThoseTaken() {
            cgroup.with(Signal.REFAULT, 0).with(Signal.PGSTEAL, 0);
            take(1024);

            cgroup.sampled().plus(Signal.REFAULT, 200);
            assertThat(guards.rule(cgroup, BATCH))
                    .as("by the signals alone every page that came back came back for nothing taken")
                    .isEqualTo(new Ruling.Go(BATCH, null));
            take(1024);
            cgroup.sampled().plus(Signal.REFAULT, 400).plus(Signal.PGSTEAL, 100);

            double ratio = (100 + 400) / (512 + 1024 + 100.0);
            assertThat(guards.rule(cgroup, BATCH))
                    .isEqualTo(new Ruling.Held(Reason.REFAULT_RATIO, ratio, 0.2, RefaultGuard.FIRST_NANOS));
        }

        @Test
        void heldForLonger_eachTimeInARow() {
            cgroup.with(Signal.REFAULT, 0).with(Signal.PGSTEAL, 0);
            take(1024);
            for (long held = SECOND; held <= 4 * SECOND; held *= 2) {
                cgroup.sampled().plus(Signal.REFAULT, 800);
                assertThat(guards.rule(cgroup, BATCH))
                        .isInstanceOfSatisfying(
                                Ruling.Held.class, it -> assertThat(it.reason()).isEqualTo(Reason.REFAULT_RATIO))
                        .extracting(it -> ((Ruling.Held) it).retryNanos())
                        .isEqualTo(held);
                cgroup.now += held;
                cgroup.observed = cgroup.now;
                take(1024);
            }
            cgroup.sampled();
            assertThat(guards.rule(cgroup, BATCH)).as("nothing came back").isEqualTo(new Ruling.Go(BATCH, null));
            take(1024);
            cgroup.sampled().plus(Signal.REFAULT, 800);
            assertThat(guards.rule(cgroup, BATCH))
                    .extracting(it -> ((Ruling.Held) it).retryNanos())
                    .isEqualTo(SECOND);
        }

        @Test
        void aFewPagesSayNothing() {
            cgroup.with(Signal.REFAULT, 0).with(Signal.PGSTEAL, 0);
            take(64);

            cgroup.sampled().plus(Signal.REFAULT, 64);

            assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Go(BATCH, null));
        }
    }

    @Nested
    class Livelock {

        private final Guards guards = guards("guards: { livelock: 10s }");

        /** Ten seconds of a batch a second. */
        private Ruling tenSeconds(double fallsBy, long refaults) {
            Ruling ruling = guards.rule(cgroup, 4096);
            for (int i = 0; i < 10; i++) {
                assertThat(ruling).isInstanceOf(Ruling.Go.class);
                // What moved is next to nothing: as much was charged meanwhile.
                guards.reclaimed(cgroup, 4096, result(1, Outcome.SUCCESS));
                cgroup.usage -= fallsBy;
                cgroup.sampled().plus(Signal.REFAULT, (double) refaults);
                ruling = guards.rule(cgroup, 4096);
            }
            return ruling;
        }

        @Test
        void livelock_usageFlatStealHighRefaultsHigh_isSeenAndStops() {
            cgroup.with(Signal.REFAULT, 7);

            assertThat(tenSeconds(0, 4096))
                    .isEqualTo(new Ruling.Held(Reason.LIVELOCK, 1, LivelockGuard.BACK, 10 * SECOND));
            cgroup.now += 10 * SECOND;
            cgroup.observed = cgroup.now;
            assertThat(tenSeconds(0, 4096))
                    .as("and for longer the next time")
                    .isEqualTo(new Ruling.Held(Reason.LIVELOCK, 1, LivelockGuard.BACK, 20 * SECOND));
        }

        @Test
        void streamsThroughTheCache_areNone() {
            cgroup.with(Signal.REFAULT, 0);

            assertThat(tenSeconds(0, 100))
                    .as("usage stands where it stood because new pages come, not those that were taken")
                    .isInstanceOf(Ruling.Go.class);
        }

        @Test
        void usageThatFalls_isNone() {
            cgroup.with(Signal.REFAULT, 0);

            assertThat(tenSeconds(16 * MIB, 4096)).isInstanceOf(Ruling.Go.class);
        }

        @Test
        void aLittleIsNone() {
            cgroup.with(Signal.REFAULT, 0).usage = 10_000 * MIB;

            assertThat(tenSeconds(0, 4096)).isInstanceOf(Ruling.Go.class);
        }
    }

    @Test
    void theyGoOnOverAReloadThatLeavesThemAsTheyAre() {
        Guards guards = guards("guards: { psi: 10% }");

        assertThat(guards.areOf(policy("guards: { psi: 10% }"))).isTrue();
        assertThat(guards.areOf(policy("guards: { psi: 20% }"))).isFalse();
        assertThat(guards.areOf(policy("reclaim: { swappiness: max }\n    guards: { psi: 10% }")))
                .isFalse();
        assertThat(guards.areOf(policy("limits: { floor: 1MiB }\n    guards: { psi: 10% }")))
                .isFalse();
    }

    private static ReclaimResult result(long pages, Outcome outcome) {
        return new ReclaimResult(pages, outcome, "", Double.NaN, 0, 0, 0, 0);
    }

    private static ReclaimResult swapping(long pages) {
        return new ReclaimResult(pages, Outcome.SUCCESS, "", Double.NaN, 0, 0, 0, pages);
    }

    private static Guards guards(String keys) {
        return Guards.of(policy(keys));
    }

    private static Policy policy(String keys) {
        String text = """
                version: 1
                policies:
                  - name: batch
                    cgroups: [a]
                    start: usage > 1MiB
                    stop: usage < 1MiB
                    %s
                """.formatted(keys);
        return switch (PolicyFile.parse("policy.yaml", text, new HostMemory(64L << 30, PAGE))) {
            case Checked.Valid<PolicyFile>(PolicyFile file) -> file.policies().getFirst();
            case Checked.Invalid<PolicyFile> invalid -> throw new AssertionError(invalid);
        };
    }
}
