package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Expr.Resource;
import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Signal;
import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Push;
import dev.tidemark.triggers.PushRefusedException;
import dev.tidemark.triggers.PushRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

/** What the modelled kernel tells by itself. */
class PushTest {

    private static final long MS = 1_000_000;
    private static final PushRequest.Pressure SOME =
            new PushRequest.Pressure(Resource.MEMORY, false, Duration.ofMillis(150), Duration.ofSeconds(1));
    private static final PushRequest.Pressure FULL =
            new PushRequest.Pressure(Resource.MEMORY, true, Duration.ofMillis(150), Duration.ofSeconds(1));
    private static final PushRequest.Events EVENTS = new PushRequest.Events();

    /** A pressure group alone, in virtual time; a stall is one task that waits. */
    private static final class Group {
        final VirtualTimeScheduler time = VirtualTimeScheduler.create();
        final ModelClock clock = new ModelClock(time, PushTest::fail);
        final PsiGroup psi = new PsiGroup(1, 0);
        final List<Long> toldMillis = new ArrayList<>();

        PsiTrigger watch(int state, long stallMillis, long windowMillis) {
            PsiTrigger trigger = new PsiTrigger(state, stallMillis * MS, windowMillis * MS);
            psi.watch(clock, trigger, () -> toldMillis.add(clock.now() / MS));
            return trigger;
        }

        Group stall(long millis) {
            psi.change(clock.now(), 0, 1, -1);
            time.advanceTimeBy(Duration.ofMillis(millis));
            psi.change(clock.now(), 0, -1, 1);
            return this;
        }

        Group calm(long millis) {
            time.advanceTimeBy(Duration.ofMillis(millis));
            return this;
        }

        double total() {
            return psi.totalNanos(clock.now(), PsiGroup.SOME);
        }
    }

    /** Awake after a jiffy, then looks each 100 ms and a jiffy: 102 ms is too early, at 203 ms it is found. */
    @Test
    void aStallIsToldAtTheFirstLookAfterItsThreshold() {
        Group group = new Group();
        group.watch(PsiGroup.SOME, 150, 1000);

        group.stall(210);

        assertThat(group.toldMillis).containsExactly(203L);
    }

    @Test
    void goingOn_itIsToldOnceAWindow() {
        Group group = new Group();
        group.watch(PsiGroup.SOME, 150, 1000);

        group.stall(5_000).calm(5_000);

        assertThat(group.toldMillis).hasSizeBetween(5, 6);
        for (int i = 1; i < group.toldMillis.size(); i++) {
            assertThat(group.toldMillis.get(i) - group.toldMillis.get(i - 1)).isBetween(1_000L, 1_110L);
        }
    }

    @Test
    void shortOfTheThreshold_itIsNotTold() {
        Group group = new Group();
        group.watch(PsiGroup.SOME, 150, 1000);

        for (int i = 0; i < 100; i++) {
            group.stall(100).calm(1_900);
        }

        assertThat(group.toldMillis).isEmpty();
    }

    @Test
    void whatComesWithinTheWindowOfTheLast_isToldAtItsEnd() {
        Group group = new Group();
        group.watch(PsiGroup.SOME, 150, 1000);

        group.stall(210).calm(100).stall(210).calm(5_000);

        assertThat(group.toldMillis).hasSize(2);
        assertThat(group.toldMillis.get(1) - group.toldMillis.get(0)).isBetween(1_000L, 1_110L);
    }

    @Test
    void someoneWhoGetsOn_isNoFullStall() {
        Group group = new Group();
        group.psi.change(0, 0, 0, 2);
        group.watch(PsiGroup.FULL, 150, 1000);

        group.stall(3_000);

        assertThat(group.toldMillis).isEmpty();
        group.psi.change(group.clock.now(), 0, 0, -1);
        group.stall(500);
        assertThat(group.toldMillis).hasSize(1);
    }

    @Test
    void noLongerWatched_nothingIsToldNorLookedAt() {
        Group group = new Group();
        PsiTrigger trigger = group.watch(PsiGroup.SOME, 150, 1000);
        group.stall(100);

        group.psi.unwatch(trigger);
        group.stall(5_000);

        assertThat(group.toldMillis).isEmpty();
    }

    @Test
    void idle_nobodyLooks() {
        Group group = new Group();
        group.watch(PsiGroup.SOME, 150, 1000);
        group.stall(500).calm(10_000);

        assertThat(group.time.getScheduledTaskCount()).isEqualTo(scheduledAfter(group, 3_600_000));
    }

    private static long scheduledAfter(Group group, long calmMillis) {
        group.calm(calmMillis);
        return group.time.getScheduledTaskCount();
    }

    /**
     * Whatever the course: pushes are a window apart at least, none comes without half the stall within the two windows and a look
     * before it, and where a whole window was waited a push comes within the next.
     */
    @Test
    void pushesFollowTheStalls() {
        record Part(int stallMillis, int calmMillis) {}
        Gen<List<Part>> courses = Gen.lists(Gen.ints(1, 700).with(Gen.ints(1, 2_500), Part::new));
        Check.forAll(60, courses, course -> {
            Group group = new Group();
            group.watch(PsiGroup.SOME, 150, 1000);
            List<Double> totals = new ArrayList<>();
            for (Part part : course) {
                group.psi.change(group.clock.now(), 0, 1, -1);
                sample(group, part.stallMillis, totals);
                group.psi.change(group.clock.now(), 0, -1, 1);
                sample(group, part.calmMillis, totals);
            }
            sample(group, 1_200, totals);

            long last = Long.MIN_VALUE / 2;
            for (long told : group.toldMillis) {
                assertThat(told - last).isGreaterThanOrEqualTo(1_000);
                last = told;
                int now = (int) Math.min(told, totals.size() - 1);
                assertThat(totals.get(now) - totals.get(Math.max(0, now - 3_300)))
                        .as("stall before %d", told)
                        .isGreaterThanOrEqualTo(75.0 * MS);
            }
            for (int at = 1_000; at < totals.size() - 1_200; at++) {
                if (totals.get(at) - totals.get(at - 500) >= 300.0 * MS) {
                    int until = at + 1_200;
                    int from = at - 1_000;
                    assertThat(group.toldMillis).as("stall until %d", at).anyMatch(t -> t >= from && t <= until);
                }
            }
        });
    }

    private static void sample(Group group, int millis, List<Double> totals) {
        for (int i = 0; i < millis; i++) {
            totals.add(group.total());
            group.time.advanceTimeBy(Duration.ofMillis(1));
        }
    }

    @Test
    void pressureOfAWorkload_reachesSubscribersOfItsCgroupAndThoseAbove() {
        Run run = thrashing();
        List<Push> own = subscribe(run, "p/a", SOME);
        List<Push> above = subscribe(run, "p", SOME);
        List<Push> full = subscribe(run, "p/a", FULL);
        List<Push> other = subscribe(run, "b", SOME);
        run.model.start();

        run.advance(Duration.ofSeconds(20));

        double stalled = run.value("p/a", Signal.PSI_SOME_TOTAL);
        assertThat(stalled).as("what the test needs").isGreaterThan(3);
        assertThat(own).hasSizeBetween(2, 21).allSatisfy(push -> {
            assertThat(push.request()).isEqualTo(SOME);
            assertThat(push.cgroup()).isEqualTo(run.cgroup("p/a"));
            assertThat(push.moved()).startsWith("total +");
            assertThat(push.lasts()).isBetween(Duration.ofMillis(1_100), Duration.ofMillis(1_150));
        });
        assertThat(above)
                .extracting(Push::nanos)
                .isEqualTo(own.stream().map(Push::nanos).toList());
        assertThat(full).as("it is the only task").hasSameSizeAs(own);
        assertThat(other).isEmpty();
    }

    @Test
    void eventsAreToldEach10MillisecondsAtMost_withWhatHasMoved() {
        Run run = thrashing();
        List<Push> pushes = subscribe(run, "p/a", EVENTS);
        run.model.start();

        run.advance(Duration.ofSeconds(5));

        assertThat(pushes)
                .isNotEmpty()
                .allSatisfy(push -> assertThat(push.moved()).startsWith("max +"));
        for (int i = 1; i < pushes.size(); i++) {
            assertThat(pushes.get(i).nanos() - pushes.get(i - 1).nanos())
                    .isGreaterThanOrEqualTo(EventsNotifier.INTERVAL_NANOS);
        }
        long told = pushes.stream()
                .mapToLong(push -> Long.parseLong(push.moved().substring("max +".length())))
                .sum();
        double counted = run.value("p/a", Signal.EVENTS_MAX);
        assertThat((double) told).as("all but those of the last 10 ms").isBetween(counted - 50, counted);
    }

    @Test
    void twoRunsAreAlike() {
        List<List<Push>> runs = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Run run = thrashing();
            runs.add(subscribe(run, "p/a", SOME));
            run.model.start();
            run.advance(Duration.ofSeconds(10));
        }

        assertThat(runs.get(0)).isEqualTo(runs.get(1)).isNotEmpty();
    }

    @Test
    void cancelled_nothingMoreComes() {
        Run run = thrashing();
        List<Push> pushes = new ArrayList<>();
        Disposable subscribed =
                run.model.pushes(run.cgroup("p/a"), Set.of(SOME, EVENTS)).subscribe(pushes::add, Run::fail);
        run.model.start();
        run.advance(Duration.ofSeconds(2));
        assertThat(pushes).isNotEmpty();
        pushes.clear();

        subscribed.dispose();
        run.advance(Duration.ofSeconds(10));

        assertThat(pushes).isEmpty();
    }

    @Test
    void ofEachRequestTheLatestWaits() {
        Run run = thrashing();
        run.model.start();

        StepVerifier.withVirtualTime(() -> run.model.pushes(run.cgroup("p/a"), Set.of(SOME, EVENTS)), () -> run.time, 0)
                .expectSubscription()
                .thenAwait(Duration.ofSeconds(10))
                .thenRequest(1)
                .assertNext(push -> assertThat(push.nanos()).isGreaterThan(TimeUnit.SECONDS.toNanos(7)))
                .thenRequest(1)
                .assertNext(push -> assertThat(push.nanos()).isGreaterThan(TimeUnit.SECONDS.toNanos(7)))
                .thenCancel()
                .verify();
    }

    @Test
    void aRemovedCgroupCompletes_andOneThatWasRemovedBefore() {
        Run run = new Run(Scenarios.host().cgroup("a", Scenarios.MAX));
        Cgroup a = run.cgroup("a");
        List<String> seen = new ArrayList<>();
        run.model.pushes(a, Set.of(SOME)).subscribe(push -> {}, Run::fail, () -> seen.add("while subscribed"));
        run.advance(Duration.ofMillis(1));
        run.model.remove(a);
        run.create("a", Scenarios.MAX);
        run.model.pushes(a, Set.of(SOME)).subscribe(push -> {}, Run::fail, () -> seen.add("afterwards"));
        run.advance(Duration.ofMillis(1));

        assertThat(seen).containsExactly("while subscribed", "afterwards");
    }

    @Test
    void closingCompletes() {
        Run run = new Run(Scenarios.host().cgroup("a", Scenarios.MAX));
        List<String> seen = new ArrayList<>();
        run.model.pushes(run.cgroup("a"), Set.of(EVENTS)).subscribe(push -> {}, Run::fail, () -> seen.add("before"));
        run.advance(Duration.ofMillis(1));

        run.model.close();
        run.model.pushes(run.cgroup("a"), Set.of(EVENTS)).subscribe(push -> {}, Run::fail, () -> seen.add("after"));

        assertThat(seen).containsExactly("before", "after");
    }

    @Test
    void whatTheModelDoesNotHave_isRefused() {
        Run run = new Run(Scenarios.host().cgroup("a", Scenarios.MAX));
        List<Throwable> refused = new ArrayList<>();
        run.model
                .pushes(
                        run.cgroup("a"),
                        Set.of(new PushRequest.Pressure(
                                Resource.IO, false, Duration.ofMillis(150), Duration.ofSeconds(1))))
                .subscribe(push -> {}, refused::add);
        run.advance(Duration.ofMillis(1));

        assertThat(refused).singleElement().isInstanceOf(PushRefusedException.class);
        assertThat(refused.get(0))
                .hasMessage("The model keeps pressure of memory only: what waits for io is told on a real host alone.");
    }

    /** Reads twice as much as it may keep, again and again. */
    private static Run thrashing() {
        return new Run(Scenarios.host()
                .cgroup("p/a", 32 * Scenarios.MIB)
                .cgroup("b", Scenarios.MAX)
                .run(
                        "p/a",
                        "w",
                        new Step.Write("f", 64 * Scenarios.MIB, Scenarios.FAST, 4096),
                        new Step.Read("f", Scenarios.FAST, 1_000)));
    }

    private static List<Push> subscribe(Run run, String path, PushRequest request) {
        List<Push> pushes = new ArrayList<>();
        run.model.pushes(run.cgroup(path), Set.of(request)).subscribe(pushes::add, Run::fail);
        run.advance(Duration.ofMillis(1));
        return pushes;
    }

    private static void fail(Throwable e) {
        throw new AssertionError(e);
    }
}
