package dev.tidemark.testkit;

import static dev.tidemark.testkit.TidemarkAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tidemark.config.Scenario;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.opentest4j.AssertionFailedError;

/** Each assertion where it holds and where it does not, and then with its words. */
@SuppressWarnings("NullAway.Init") // the runs are begun before all tests
class AssertionsTest {

    /** A writer of twice its limit, one that wants more than there is, and one that has plenty but a low mark. */
    private static final Scenario SCENARIO = Scenarios.host("2GiB")
            .cpus(4)
            .cgroup("lab/writer")
            .max("32MiB")
            .swapMax("0B")
            .cgroup("lab/hog")
            .max("16MiB")
            .swapMax("0B")
            .cgroup("lab/high")
            .high("8MiB")
            .workload("writer", "lab/writer")
            .startsAt("1s")
            .writes("data", "64MiB")
            .at("64MiB/s")
            .inChunksOf("4KiB")
            .reads("data")
            .workload("hog", "lab/hog")
            .allocates("heap", "64MiB")
            .at("16MiB/s")
            .workload("over", "lab/high")
            .writes("log", "16MiB")
            .at("16MiB/s")
            .sleeps("1h")
            .workload("late", "lab/high")
            .startsAt("1h")
            .sleeps("1s")
            .lasts("5s")
            .scenario();

    private static final Policies POLICIES = Policies.yaml("""
            version: 1
            policies:
              - name: watermark
                cgroups: [lab/writer]
                start: usage > 16MiB
                stop: usage < 10MiB
                reclaim: { batch: 1MiB, writeback: 2MiB }
              - name: idle
                cgroups: [lab/writer]
                start: usage > 1GiB
                stop: usage < 1MiB
              - name: busy
                cgroups: [lab/high]
                start: usage > 4MiB
                stop: usage < 64KiB
                limits: { floor: 2MiB }
            """);

    private static final List<Run> RUNS = new ArrayList<>();
    private static Run agent;
    private static Run alone;
    private static Run begun;

    private static Run kept(Run run) {
        RUNS.add(run);
        return run;
    }

    @BeforeAll
    static void run() {
        agent = kept(Run.on(SCENARIO).with(POLICIES)).toTheEnd();
        alone = kept(Run.on(SCENARIO).withoutPolicies()).toTheEnd();
        begun = kept(Run.on(SCENARIO).withoutPolicies()).until("1500ms");
    }

    @AfterAll
    static void close() {
        RUNS.forEach(Run::close);
    }

    /**
     * @param failure the first two lines, with a # for each number
     */
    private record Claim(String name, Runnable holds, Runnable fails, String failure) {}

    private static List<Claim> claims() {
        return List.of(
                new Claim(
                        "cgroup.neverHitItsLimit",
                        () -> assertThat(agent).cgroup("lab/writer").neverHitItsLimit(),
                        () -> assertThat(alone).cgroup("lab/writer").neverHitItsLimit(),
                        "Expecting cgroup lab/writer never to hit its limit\nbut it hit its limit # times."),
                new Claim(
                        "cgroup.hitItsLimit",
                        () -> assertThat(alone).cgroup("lab/writer").hitItsLimit(),
                        () -> assertThat(agent).cgroup("lab/writer").hitItsLimit(),
                        "Expecting cgroup lab/writer to hit its limit\nbut it never did."),
                new Claim(
                        "amount.atLeast",
                        () -> assertThat(alone)
                                .cgroup("lab/writer")
                                .hitItsLimit()
                                .atLeast(100),
                        () -> assertThat(alone)
                                .cgroup("lab/writer")
                                .hitItsLimit()
                                .atLeast("1000000"),
                        "Expecting cgroup lab/writer to hit its limit at least # times\nbut it did # times."),
                new Claim(
                        "amount.atMost",
                        () -> assertThat(alone)
                                .cgroup("lab/writer")
                                .hitItsLimit()
                                .atMost("1000000"),
                        () -> assertThat(alone)
                                .cgroup("lab/writer")
                                .hitItsLimit()
                                .atMost(1),
                        "Expecting cgroup lab/writer to hit its limit at most # time\nbut it did # times."),
                new Claim(
                        "amount.between",
                        () -> assertThat(alone)
                                .cgroup("lab/writer")
                                .hitItsLimit()
                                .between(1, 1e6),
                        () -> assertThat(alone)
                                .cgroup("lab/writer")
                                .hitItsLimit()
                                .between("1", "2"),
                        "Expecting cgroup lab/writer to hit its limit between # and # times\nbut it did # times."),
                new Claim(
                        "amount.exactly",
                        () -> assertThat(alone)
                                .cgroup("lab/hog")
                                .hadTasksKilled()
                                .exactly(1),
                        () -> assertThat(alone)
                                .cgroup("lab/hog")
                                .hadTasksKilled()
                                .exactly("2"),
                        "Expecting cgroup lab/hog to have a task killed for lack of memory exactly # times\n"
                                + "but it did # time."),
                new Claim(
                        "amount of a duration",
                        () -> assertThat(alone)
                                .workload("writer")
                                .finished()
                                .between(Duration.ofMillis(100), Duration.ofSeconds(4)),
                        () -> assertThat(alone).workload("writer").finished().atMost(Duration.ofMillis(1)),
                        "Expecting workload writer to finish in at most #ms\nbut it took #s."),
                new Claim(
                        "amount.and, amount.value",
                        () -> assertThat(assertThat(alone)
                                        .cgroup("lab/writer")
                                        .hitItsLimit()
                                        .and()
                                        .hitItsLimit()
                                        .value())
                                .isGreaterThan(100),
                        () -> assertThat(alone)
                                .cgroup("lab/writer")
                                .hitItsLimit()
                                .and()
                                .uses()
                                .exactly("1B"),
                        "Expecting cgroup lab/writer to use exactly #B\nbut it uses #MiB."),
                new Claim(
                        "cgroup.neverWentOverItsHighMark",
                        () -> assertThat(alone).cgroup("lab/writer").neverWentOverItsHighMark(),
                        () -> assertThat(alone).cgroup("lab/high").neverWentOverItsHighMark(),
                        "Expecting cgroup lab/high never to go over its high mark\nbut it went over its high mark # times."),
                new Claim(
                        "cgroup.wentOverItsHighMark",
                        () -> assertThat(alone)
                                .cgroup("lab/high")
                                .wentOverItsHighMark()
                                .atLeast(10),
                        () -> assertThat(alone).cgroup("lab/hog").wentOverItsHighMark(),
                        "Expecting cgroup lab/hog to go over its high mark\nbut it never did."),
                new Claim(
                        "cgroup.neverHadATaskKilled",
                        () -> assertThat(alone).cgroup("lab/writer").neverHadATaskKilled(),
                        () -> assertThat(alone).cgroup("lab/hog").neverHadATaskKilled(),
                        "Expecting cgroup lab/hog never to have a task killed for lack of memory\n"
                                + "but it had a task killed for lack of memory once."),
                new Claim(
                        "cgroup.hadTasksKilled",
                        () -> assertThat(alone).cgroup("lab/hog").hadTasksKilled(),
                        () -> assertThat(alone).cgroup("lab/writer").hadTasksKilled(),
                        "Expecting cgroup lab/writer to have a task killed for lack of memory\nbut it never did."),
                new Claim(
                        "cgroup.stayedBelow",
                        () -> assertThat(agent).cgroup("lab/writer").stayedBelow("30MiB"),
                        () -> assertThat(alone).cgroup("lab/writer").stayedBelow("30MiB"),
                        "Expecting cgroup lab/writer to stay below #MiB\nbut it used #MiB at #s."),
                new Claim(
                        "cgroup.reached",
                        () -> assertThat(alone).cgroup("lab/writer").reached("31MiB"),
                        () -> assertThat(agent).cgroup("lab/writer").reached("31MiB"),
                        "Expecting cgroup lab/writer to reach #MiB\nbut the most it used is #MiB at #s."),
                new Claim(
                        "cgroup.uses",
                        () -> assertThat(alone).cgroup("lab/writer").uses().between("20MiB", "32MiB"),
                        () -> assertThat(alone).cgroup("lab/writer").uses().atMost("1MiB"),
                        "Expecting cgroup lab/writer to use at most #MiB\nbut it uses #MiB."),
                new Claim(
                        "cgroup.wasReclaimed",
                        () -> assertThat(agent)
                                .cgroup("lab/writer")
                                .wasReclaimed()
                                .atLeast("40MiB"),
                        () -> assertThat(alone).cgroup("lab/writer").wasReclaimed(),
                        "Expecting cgroup lab/writer to be reclaimed from\nbut the agent took nothing of it."),
                new Claim(
                        "cgroup.wasReclaimed, how much",
                        () -> assertThat(agent)
                                .cgroup("lab/writer")
                                .wasReclaimed()
                                .atMost("1GiB"),
                        () -> assertThat(agent)
                                .cgroup("lab/writer")
                                .wasReclaimed()
                                .atLeast("1GiB"),
                        "Expecting cgroup lab/writer to be reclaimed, in all at least #GiB\nbut the agent took #MiB."),
                new Claim(
                        "cgroup.wasLeftAlone",
                        () -> assertThat(agent).cgroup("lab/hog").wasLeftAlone(),
                        () -> assertThat(agent).cgroup("lab/writer").wasLeftAlone(),
                        "Expecting cgroup lab/writer to be left alone\n"
                                + "but the agent asked for its memory # times and took #MiB."),
                new Claim(
                        "cgroup.waitedForMemory",
                        () -> assertThat(alone)
                                .cgroup("lab/writer")
                                .waitedForMemory()
                                .atLeast("10ms"),
                        () -> assertThat(alone)
                                .cgroup("lab/writer")
                                .waitedForMemory()
                                .atMost("1us"),
                        "Expecting cgroup lab/writer to wait for memory for at most #us\nbut it waited for #ms."),
                new Claim(
                        "cgroup.signal",
                        () -> assertThat(alone)
                                .cgroup("lab/writer")
                                .signal("pgscan")
                                .atLeast(1000),
                        () -> assertThat(agent)
                                .cgroup("lab/writer")
                                .signal("usage")
                                .atLeast("1GiB"),
                        "Expecting cgroup lab/writer to have its usage at at least #GiB\nbut it is at #MiB."),
                new Claim(
                        "run.hitNoLimit",
                        () -> assertThat(
                                        kept(Run.on(SCENARIO).withoutPolicies()).until("500ms"))
                                .hitNoLimit(),
                        () -> assertThat(alone).hitNoLimit(),
                        "Expecting no cgroup to hit its limit\nbut lab/writer hit its limit # times."),
                new Claim(
                        "run.killedNobody",
                        () -> assertThat(
                                        kept(Run.on(SCENARIO).withoutPolicies()).until("500ms"))
                                .killedNobody(),
                        () -> assertThat(alone).killedNobody(),
                        "Expecting nobody to be killed for lack of memory\n"
                                + "but lab/hog had a task killed for lack of memory once."),
                new Claim(
                        "run.hadNoComplaints",
                        () -> assertThat(agent).hadNoComplaints(),
                        () -> assertThat(complaining()).hadNoComplaints(),
                        "Expecting the agent to complain of nothing\n"
                                + "but it complained: failed cgroup=lab/writer reason=\"The model keeps pressure of memory only: what"
                                + " waits for io is told on a real host alone.\"."),
                new Claim(
                        "run.complainedOf",
                        () -> assertThat(complaining()).complainedOf("pressure of memory only"),
                        () -> assertThat(agent).complainedOf("anything"),
                        "Expecting the agent to complain of anything\nbut its complaints are []."),
                new Claim(
                        "run.as",
                        () -> assertThat(agent)
                                .as("the agent")
                                .cgroup("lab/writer")
                                .neverHitItsLimit(),
                        () -> assertThat(alone)
                                .as("the kernel")
                                .cgroup("lab/writer")
                                .neverHitItsLimit(),
                        "[the kernel] Expecting cgroup lab/writer never to hit its limit\n"
                                + "but it hit its limit # times."),
                new Claim(
                        "policy.becameActive",
                        () -> assertThat(agent).policy("watermark").becameActive(),
                        () -> assertThat(agent).policy("idle").becameActive(),
                        "Expecting policy idle to become active\nbut it never did."),
                new Claim(
                        "policy.neverBecameActive",
                        () -> assertThat(agent).policy("idle").neverBecameActive(),
                        () -> assertThat(agent).policy("watermark").neverBecameActive(),
                        "Expecting policy watermark never to become active\n"
                                + "but it did # times, first at #s on lab/writer."),
                new Claim(
                        "policy.isActive",
                        () -> assertThat(agent).policy("busy").isActive(),
                        () -> assertThat(agent).policy("watermark").isActive(),
                        "Expecting policy watermark to be active\nbut it is inactive on lab/writer."),
                new Claim(
                        "policy.isActive, when it never was",
                        () -> assertThat(agent).policy("busy").isActive(),
                        () -> assertThat(agent).policy("idle").isActive(),
                        "Expecting policy idle to be active\nbut it never was."),
                new Claim(
                        "policy.isNotActive",
                        () -> assertThat(agent).policy("watermark").isNotActive(),
                        () -> assertThat(agent).policy("busy").isNotActive(),
                        "Expecting policy busy not to be active\nbut it is active on lab/high."),
                new Claim(
                        "policy.didNothing",
                        () -> assertThat(agent).policy("idle").didNothing(),
                        () -> assertThat(agent).policy("watermark").didNothing(),
                        "Expecting policy watermark to do nothing\nbut it made # decisions and # writes."),
                new Claim(
                        "activations.on",
                        () -> assertThat(agent)
                                .policy("watermark")
                                .becameActive()
                                .on("lab/writer"),
                        () -> assertThat(agent)
                                .policy("watermark")
                                .becameActive()
                                .on("lab/hog"),
                        "Expecting policy watermark to become active on lab/hog\nbut it did only on [lab/writer]."),
                new Claim(
                        "activations.times",
                        () -> assertThat(agent).policy("busy").becameActive().times(1),
                        () -> assertThat(agent)
                                .policy("busy")
                                .becameActive()
                                .on("lab/high")
                                .times(3),
                        "Expecting policy busy to become active on lab/high # times\nbut it did once."),
                new Claim(
                        "activations.between",
                        () -> assertThat(agent)
                                .policy("watermark")
                                .becameActive()
                                .between("1s", "2s"),
                        () -> assertThat(agent)
                                .policy("watermark")
                                .becameActive()
                                .between("2s", "3s"),
                        "Expecting policy watermark to become active between #s and #s\nbut it first did at #s."),
                new Claim(
                        "activations.by",
                        () -> assertThat(agent)
                                .policy("watermark")
                                .becameActive()
                                .by("1300ms"),
                        () -> assertThat(agent)
                                .policy("watermark")
                                .becameActive()
                                .by("1s"),
                        "Expecting policy watermark to become active by #s\nbut it first did at #s."),
                new Claim(
                        "activations.notBefore",
                        () -> assertThat(agent)
                                .policy("watermark")
                                .becameActive()
                                .notBefore("1s"),
                        () -> assertThat(agent)
                                .policy("watermark")
                                .becameActive()
                                .notBefore("2s"),
                        "Expecting policy watermark to become active not before #s\nbut it first did at #s."),
                new Claim(
                        "activations.stoppedWithin",
                        () -> assertThat(agent)
                                .policy("watermark")
                                .becameActive()
                                .stoppedWithin("1s"),
                        () -> assertThat(agent).policy("busy").becameActive().stoppedWithin("1s"),
                        "Expecting policy busy to stop within #s each time it becomes active\n"
                                + "but what began at #s on lab/high still goes on after #s."),
                new Claim(
                        "activations.stoppedWithin, too late",
                        () -> assertThat(agent)
                                .policy("watermark")
                                .becameActive()
                                .stoppedWithin("1s"),
                        () -> assertThat(agent)
                                .policy("watermark")
                                .becameActive()
                                .stoppedWithin("1us"),
                        "Expecting policy watermark to stop within #us each time it becomes active\n"
                                + "but what began at #s on lab/writer took #ms."),
                new Claim(
                        "activations.seeing",
                        () -> assertThat(agent)
                                .policy("watermark")
                                .becameActive()
                                .seeing("usage")
                                .between("16MiB", "17MiB"),
                        () -> assertThat(agent)
                                .policy("watermark")
                                .becameActive()
                                .seeing("pgscan"),
                        "Expecting policy watermark to become active seeing pgscan\nbut it saw only [usage]."),
                new Claim(
                        "activations.seeing, how much",
                        () -> assertThat(agent)
                                .policy("watermark")
                                .becameActive()
                                .seeing("usage")
                                .atLeast("16MiB")
                                .and()
                                .isNotActive(),
                        () -> assertThat(agent)
                                .policy("watermark")
                                .becameActive()
                                .seeing("usage")
                                .atLeast("17MiB"),
                        "Expecting policy watermark to become active seeing usage at at least #MiB\nbut it was #MiB."),
                new Claim(
                        "workload.finished",
                        () -> assertThat(agent).workload("writer").finished().atLeast("900ms"),
                        () -> assertThat(begun).workload("writer").finished(),
                        "Expecting workload writer to finish\nbut it still runs."),
                new Claim(
                        "workload.finishedWithin",
                        () -> assertThat(agent).workload("writer").finishedWithin("2s"),
                        () -> assertThat(agent).workload("writer").finishedWithin("10ms"),
                        "Expecting workload writer to finish within #ms\nbut it took #s."),
                new Claim(
                        "workload.finishedWithin, when it was killed",
                        () -> assertThat(agent).workload("writer").finishedWithin("2s"),
                        () -> assertThat(agent).workload("hog").finishedWithin("10s"),
                        "Expecting workload hog to finish within #s\nbut it was killed for lack of memory at #s."),
                new Claim(
                        "workload.stillRuns",
                        () -> assertThat(begun).workload("writer").stillRuns(),
                        () -> assertThat(agent).workload("writer").stillRuns(),
                        "Expecting workload writer still to run\nbut it finished in #s."),
                new Claim(
                        "workload.stillRuns, when it has not begun",
                        () -> assertThat(begun).workload("over").stillRuns(),
                        () -> assertThat(begun).workload("late").stillRuns(),
                        "Expecting workload late still to run\nbut it has not begun."),
                new Claim(
                        "workload.wasKilled",
                        () -> assertThat(agent).workload("hog").wasKilled(),
                        () -> assertThat(agent).workload("writer").wasKilled(),
                        "Expecting workload writer to be killed for lack of memory\nbut it was not."),
                new Claim(
                        "workload.wasNotKilled",
                        () -> assertThat(agent).workload("writer").wasNotKilled(),
                        () -> assertThat(agent).workload("hog").wasNotKilled(),
                        "Expecting workload hog not to be killed\nbut it was killed for lack of memory at #s."),
                new Claim(
                        "workload.waitedForMemory",
                        () -> assertThat(agent)
                                .workload("writer")
                                .waitedForMemory()
                                .atMost("100us"),
                        () -> assertThat(alone)
                                .workload("writer")
                                .waitedForMemory()
                                .atMost("1us"),
                        "Expecting workload writer to wait for memory for at most #us\nbut it waited for #ms."),
                new Claim(
                        "workload.waitedForWriteback",
                        () -> assertThat(alone)
                                .workload("hog")
                                .waitedForWriteback()
                                .exactly(0),
                        () -> assertThat(alone)
                                .workload("hog")
                                .waitedForWriteback()
                                .atLeast("1h"),
                        "Expecting workload hog to wait for writeback for at least #h\n" + "but it waited for #s."),
                new Claim(
                        "workload.tookAtLeast, longerThan",
                        () -> assertThat(twoWriters())
                                .workload("slow")
                                .tookAtLeast("500ms")
                                .longerThan("fast"),
                        () -> assertThat(twoWriters())
                                .workload("fast")
                                .tookAtLeast("500ms")
                                .longerThan("slow"),
                        "Expecting workload fast to take at least #ms longer than workload slow\n"
                                + "but it took #ms, the other #s."),
                new Claim(
                        "workload.tookAsLongAs",
                        () -> assertThat(twoWriters()).workload("slow").tookAsLongAs("slower", "40%"),
                        () -> assertThat(twoWriters()).workload("slow").tookAsLongAs("fast", "10%"),
                        "Expecting workload slow to take as long as workload fast, give or take #%\n"
                                + "but it took #s, the other #ms."),
                new Claim(
                        "comparison.hasFewerMaxEvents",
                        () -> assertThat(agent).comparedTo(alone).hasFewerMaxEvents(),
                        () -> assertThat(alone).comparedTo(agent).hasFewerMaxEvents(),
                        "Expecting limits to be hit less often, compared to the run with [watermark, idle, busy] up to #s\n"
                                + "but it was # times here and # times there."),
                new Claim(
                        "comparison.hasFewerKills",
                        () -> assertThat(begun.until("1500ms"))
                                .comparedTo(kept(hogs()))
                                .hasFewerKills(),
                        () -> assertThat(agent).comparedTo(alone).hasFewerKills(),
                        "Expecting fewer tasks to be killed for lack of memory, compared to the run without policies up to #s\n"
                                + "but it was once here and once there."),
                new Claim(
                        "comparison.hasLess",
                        () -> assertThat(agent).comparedTo(alone).hasLess("pgscan", "lab/writer"),
                        () -> assertThat(alone).comparedTo(agent).hasLess("pgscan", "lab/writer"),
                        "Expecting less pgscan of lab/writer, compared to the run with [watermark, idle, busy] up to #s\n"
                                + "but it is # here and # there."),
                new Claim(
                        "comparison.workload.tookAtMost",
                        () -> assertThat(agent)
                                .comparedTo(alone)
                                .workload("writer")
                                .tookAtMost("150%"),
                        () -> assertThat(agent)
                                .comparedTo(alone)
                                .workload("writer")
                                .tookAtMost("1%"),
                        "Expecting workload writer to take at most #% of the time, compared to the run without policies up to #s\n"
                                + "but it took #s here and #s there, #%."),
                new Claim(
                        "comparison.workload.tookAtLeast",
                        () -> assertThat(agent)
                                .comparedTo(alone)
                                .workload("writer")
                                .tookAtLeast("30%"),
                        () -> assertThat(agent)
                                .comparedTo(alone)
                                .workload("writer")
                                .tookAtLeast("500%"),
                        "Expecting workload writer to take at least #% of the time, compared to the run without policies up to #s\n"
                                + "but it took #s here and #s there, #%."),
                new Claim(
                        "comparison.workload.ratio",
                        () -> assertThat(assertThat(agent)
                                        .comparedTo(alone)
                                        .workload("writer")
                                        .ratio())
                                .isBetween(0.3, 1.5),
                        () -> assertThat(agent)
                                .comparedTo(begun)
                                .workload("writer")
                                .ratio(),
                        "Expecting workload writer to finish in both, compared to the run without policies up to #s\n"
                                + "but it still runs there."),
                new Claim(
                        "comparison.wentTheSame",
                        () -> assertThat(alone)
                                .comparedTo(
                                        kept(Run.on(SCENARIO).withoutPolicies()).toTheEnd())
                                .wentTheSame(),
                        () -> assertThat(alone).comparedTo(begun).wentTheSame(),
                        """
                        Expecting both to go the same, compared to the run without policies up to #s
                        but first apart are
                          here   #s lab/writer hit its limit # times until #s
                          there  #s lab/writer hit its limit once until #s."""));
    }

    private static Run complaining() {
        Run run = kept(Run.on(SCENARIO).with(Policies.yaml("""
                version: 1
                policies:
                  - name: broken
                    cgroups: [lab/writer]
                    start: psi.io.some trigger 150ms/1s
                    stop: usage < 1MiB
                """)));
        return run.expectComplaints().until("3s");
    }

    private static Run twoWriters() {
        return kept(Run.on(Scenarios.host("2GiB")
                                .cpus(4)
                                .workload("fast", "a")
                                .allocates("heap", "16MiB")
                                .at("32MiB/s")
                                .workload("slow", "b")
                                .allocates("heap", "32MiB")
                                .at("32MiB/s")
                                .workload("slower", "b")
                                .allocates("heap", "40MiB")
                                .at("32MiB/s")
                                .lasts("10s")
                                .scenario())
                        .withoutPolicies())
                .toTheEnd();
    }

    /** Two are killed. */
    private static Run hogs() {
        return Run.on(Scenarios.host("2GiB")
                        .cgroup("a")
                        .max("16MiB")
                        .workload("one", "a")
                        .allocates("heap", "64MiB")
                        .cgroup("b")
                        .max("16MiB")
                        .workload("two", "b")
                        .allocates("heap", "64MiB")
                        .lasts("10s")
                        .scenario())
                .withoutPolicies()
                .toTheEnd();
    }

    @TestFactory
    Stream<DynamicTest> holds() {
        return claims().stream().map(claim -> DynamicTest.dynamicTest(claim.name(), claim.holds()::run));
    }

    @TestFactory
    Stream<DynamicTest> failsWithItsWords() {
        return claims().stream()
                .map(claim -> DynamicTest.dynamicTest(claim.name(), () -> {
                    Throwable failure = catchThrowable(claim.fails()::run);

                    assertThat(failure).isInstanceOf(AssertionFailedError.class);
                    String message = String.valueOf(failure.getMessage());
                    assertThat(numbersLeftOut(message))
                            .startsWith(claim.failure() + "\n\nWhat happened, in the run with");
                }));
    }

    private static String numbersLeftOut(String text) {
        return text.replaceAll("[0-9]+(\\.[0-9]+)?", "#");
    }

    @Test
    void eachAssertionIsClaimed() {
        Set<String> claimed = claims().stream()
                .flatMap(claim -> Stream.of(claim.name().split(",? ")))
                .map(name -> name.substring(name.lastIndexOf('.') + 1))
                .collect(Collectors.toSet());
        Set<String> missing = new TreeSet<>();
        for (Class<?> type : List.of(
                RunAssert.class,
                CgroupAssert.class,
                PolicyAssert.class,
                ActivationsAssert.class,
                WorkloadAssert.class,
                WorkloadAssert.Longer.class,
                ComparisonAssert.class,
                ComparisonAssert.WorkloadComparison.class,
                AmountAssert.class)) {
            Arrays.stream(type.getDeclaredMethods())
                    .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
                    .map(method -> method.getName())
                    .filter(name -> !claimed.contains(name)
                            && !Set.of("cgroup", "policy", "workload", "comparedTo")
                                    .contains(name))
                    .forEach(missing::add);
        }
        assertThat(claimed).hasSizeGreaterThan(30);
        assertThat(missing).isEmpty();
    }

    @Test
    void whatIsNotThereCannotBeJudged() {
        assertThatThrownBy(() -> assertThat(agent).cgroup("lab/wirter"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there is no cgroup lab/wirter, but [lab/high, lab/hog, lab/writer]");
        assertThatThrownBy(() -> assertThat(agent).policy("watermarks"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there is no policy watermarks, but [watermark, idle, busy]");
        assertThatThrownBy(() -> assertThat(alone).policy("watermark"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("there is no policy watermark in a run without policies up to ");
        assertThatThrownBy(() -> assertThat(agent).workload("writers"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the scenario has no workload writers, but [writer, hog, over, late]");
        assertThatThrownBy(() -> assertThat(agent).comparedTo(agent))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a run is compared with another one, not with itself");
        assertThatThrownBy(() -> assertThat(agent).cgroup("lab/writer").signal("pgscam"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there is no signal pgscam to be read of a cgroup");
        assertThatThrownBy(() -> assertThat(agent).cgroup("lab/writer").stayedBelow("20MB"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("\"20MB\" is not bytes: unknown unit \"MB\"; did you mean \"MiB\"?");
        assertThatThrownBy(() ->
                        assertThat(alone).cgroup("lab/writer").hitItsLimit().atLeast(Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("this is not a time but [0-9]+");
    }

    @Test
    void aFailureTellsWhatHappenedToItsSubjectAndNothingElse() {
        assertThatThrownBy(() -> assertThat(agent).cgroup("lab/hog").neverHadATaskKilled())
                .message()
                .contains("\n\nWhat happened, in the run with [watermark, idle, busy] up to ")
                .contains("\n    0.000s  workload hog began in lab/hog\n")
                .contains("s  workload hog was killed for lack of memory in lab/hog")
                .doesNotContain("writer");
        assertThatThrownBy(() -> assertThat(agent).policy("watermark").neverBecameActive())
                .message()
                .containsPattern("s  policy watermark became active on lab/writer: usage=16[.0-9]*MiB\n")
                .containsPattern(
                        "s  policy watermark took [.0-9]+MiB of the [.0-9]+MiB it asked lab/writer for, in [0-9]+ writes until")
                .containsPattern("s  policy watermark stopped on lab/writer \\(stop\\): usage=[.0-9]+MiB\n")
                .doesNotContain("busy became");
    }

    @Test
    void theTimelineOfALongRunIsCutInTheMiddle() {
        assertThat(agent.timeline().lines()).hasSizeLessThanOrEqualTo(41);
    }
}
