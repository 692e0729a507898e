package dev.tidemark.agent.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Policy;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.CgroupLimits;
import dev.tidemark.reclaim.LimitEvent;
import dev.tidemark.reclaim.LimitEvent.Cause;
import dev.tidemark.reclaim.LimitFile;
import dev.tidemark.reclaim.LimitStanding;
import dev.tidemark.reclaim.ReclaimEvent.Held;
import dev.tidemark.reclaim.ReclaimEvent.Reason;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Sample;
import dev.tidemark.triggers.SignalSet;
import dev.tidemark.triggers.TriggerEngine;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import reactor.test.scheduler.VirtualTimeScheduler;

/** The values come from a real engine, in virtual time. */
class LiveViewTest {
    private static final long MIB = 1 << 20;
    private static final Cgroup CGROUP = new Cgroup(7, "batch.slice/a.service");

    private static final String POLICY = """
            version: 1
            policies:
              - name: batch
                cgroups: ["batch.slice/*"]
                start: usage > 80% of limit or usage > 100MiB for 2s
                stop: usage < 60MiB
                cooldown: 5s
            """;

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final Policy policy = ExplainTest.policies(POLICY).getFirst();
    private final TriggerEngine engine = new TriggerEngine(List.of(policy), time);

    private void see(double usage, double limit) {
        time.advanceTimeBy(Duration.ofSeconds(1));
        SignalSet signals = SignalSet.of(Signal.USAGE, Signal.LIMIT);
        Map<Signal, Double> known = Map.of(Signal.USAGE, usage, Signal.LIMIT, limit);
        double[] values = signals.signals().stream()
                .mapToDouble(signal -> known.getOrDefault(signal, Double.NaN))
                .toArray();
        engine.sample(new Sample(CGROUP, time.now(TimeUnit.NANOSECONDS), signals, values));
    }

    private String live() {
        return live(Optional.empty());
    }

    private String live(Optional<Held> held) {
        return live(held, Optional.empty());
    }

    private String live(Optional<Held> held, Optional<LimitStanding> limit) {
        return Explain.live(Objects.requireNonNull(engine.standing(CGROUP, policy)), held, limit);
    }

    private String limit(LimitStanding limit) {
        return live(Optional.empty(), Optional.of(limit))
                .lines()
                .dropWhile(line -> !line.startsWith("  limit"))
                .map(String::strip)
                .collect(Collectors.joining(" "));
    }

    @Test
    void itSaysHowALimitIsHeldAndHowLong_orWhyNot() {
        engine.appeared(CGROUP);
        see(90 * MIB, 100 * MIB);
        long now = time.now(TimeUnit.NANOSECONDS);
        long until = now + 25_000_000_000L;
        LimitStanding held = new LimitStanding(LimitFile.HIGH, 96 * MIB, CgroupLimits.MAX, until, Optional.empty());

        assertThat(limit(held))
                .isEqualTo("limit       memory.high is 96MiB, was max; put back with STOP, in 25s at the latest");
        assertThat(limit(against(new LimitEvent.Refused(CGROUP, "batch", LimitFile.HIGH, now, "Permission denied"))))
                .isEqualTo("limit       memory.high cannot be set: Permission denied");
        assertThat(limit(against(new LimitEvent.LeftAlone(CGROUP, "batch", LimitFile.HIGH, now, 96 * MIB, 120 * MIB))))
                .isEqualTo(
                        "limit       memory.high was 96MiB and has been set to 120MiB by somebody else: left alone until "
                                + "the policy has stopped and started again");
        assertThat(limit(against(new LimitEvent.Needless(CGROUP, "batch", LimitFile.HIGH, now, 64 * MIB))))
                .contains("memory.high is 64MiB of itself");
        assertThat(limit(against(new LimitEvent.Set(
                        CGROUP, "batch", LimitFile.HIGH, now, CgroupLimits.MAX, 96 * MIB, 100 * MIB, true))))
                .contains("memory.high would be 96MiB, is max: a dry run sets nothing");
        assertThat(limit(against(new LimitEvent.Restored(
                        CGROUP, "batch", LimitFile.HIGH, now, 96 * MIB, CgroupLimits.MAX, Cause.LONGEST))))
                .contains("memory.high is max again: it has been held for as long as the policy may");
    }

    private static LimitStanding against(LimitEvent event) {
        return new LimitStanding(
                LimitFile.HIGH, CgroupLimits.MAX, CgroupLimits.MAX, LimitStanding.NEVER, Optional.of(event));
    }

    @Test
    void itSaysWhatHoldsItBackAlthoughItIsActive_withTheValueAndTheMark() {
        engine.appeared(CGROUP);
        see(90 * MIB, 100 * MIB);
        long now = time.now(TimeUnit.NANOSECONDS);

        assertThat(live(Optional.of(new Held(CGROUP, policy, now, Reason.PSI, now, 0.12, 0.1))))
                .contains("why still")
                .contains("""
                          held back   psi: tasks are stalled on memory for more of the time than guards.psi: it is 12%, and
                                      the mark 10%
                        """);
        assertThat(live(Optional.of(new Held(CGROUP, policy, now, Reason.LIVELOCK, now + 2_000_000_000L, 0.75, 0.5))))
                .contains("is 75%, and the mark 50%")
                .contains("; again in 2s\n");
    }

    @Test
    void itSaysWhatHoldsStartBackAndHowFarItIs() {
        engine.appeared(CGROUP);
        see(80 * MIB, 400 * MIB);

        assertThat(live()).isEqualTo("""
                  state       inactive for 1s
                  START       any of: false
                              ├─ usage 80MiB > 80% of limit 320MiB: false, 240MiB short
                              └─ held for 2s without a break: false
                                 └─ usage 80MiB > 100MiB: false, 20MiB short
                  STOP        usage 80MiB < 60MiB: false, 20MiB too much
                  why not     START does not hold; it lacks:
                              - usage > 80% of limit: it is 80MiB, and the mark 320MiB, 240MiB short
                              - usage > 100MiB: it is 80MiB, and the mark 100MiB, 20MiB short
                """);
    }

    @Test
    void itSaysHowLongAWaitStillTakes() {
        engine.appeared(CGROUP);
        see(120 * MIB, 400 * MIB);
        time.advanceTimeBy(Duration.ofMillis(500));

        assertThat(live())
                .contains("state       pending for 500ms")
                .contains("└─ held for 2s without a break: false, in 1.5s if nothing changes")
                .contains("- usage > 100MiB for 2s: holds, but not long enough yet; 1.5s to go");
    }

    @Test
    void itSaysWhatStopStillLacksAndWhenItHolds() {
        engine.appeared(CGROUP);
        see(350 * MIB, 400 * MIB);

        assertThat(live())
                .contains("state       active for 0s")
                .contains("usage 350MiB > 80% of limit 320MiB: true, by 30MiB")
                .contains("why still   it goes on until STOP holds, which lacks:")
                .contains("- usage < 60MiB: it is 350MiB, and the mark 60MiB, 290MiB too much");

        see(50 * MIB, 400 * MIB);
        assertThat(live()).contains("state       stopping for 0s").contains("why         it stops");
        engine.drained(CGROUP, policy);
        assertThat(live()).contains("cooldown for 0s, cooling down for another 5s");
    }

    @Test
    void itSaysThatStopWins() {
        engine.appeared(CGROUP);
        see(50 * MIB, 60 * MIB);

        assertThat(live())
                .contains("STOP holds, and wins over START")
                .contains("- usage < 60MiB: it is 50MiB, and the mark 60MiB, by 10MiB");
    }

    @Test
    void whatIsUnknownIsSaidToBe() {
        engine.appeared(CGROUP);
        see(Double.NaN, 400 * MIB);

        assertThat(live())
                .contains("usage unknown > 80% of limit 320MiB: unknown")
                .contains("unknown, for what it needs has not been seen for too long");
    }
}
