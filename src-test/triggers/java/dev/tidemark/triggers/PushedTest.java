package dev.tidemark.triggers;

import static dev.tidemark.triggers.Policies.file;
import static dev.tidemark.triggers.Policies.policy;
import static dev.tidemark.triggers.Rig.CGROUP;
import static dev.tidemark.triggers.Rig.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Expr.Resource;
import dev.tidemark.config.Signal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PushedTest {

    private static final String SOME = "psi.some trigger 150ms/1s";
    private static final PushRequest REQUEST =
            new PushRequest.Pressure(Resource.MEMORY, false, Duration.ofMillis(150), Duration.ofSeconds(1));

    private static void push(Rig rig, PushRequest request) {
        rig.engine.pushed(new Push(CGROUP, request, rig.now()));
    }

    @Test
    void push_isTrueFromItsInstantForOneWindow() {
        Rig rig = new Rig(policy(SOME, "not " + SOME));

        rig.sleep(100);
        push(rig, REQUEST);
        rig.sleep(5000);

        assertThat(rig.told).containsExactly("100.0 INACTIVE>ACTIVE START", "1100.0 ACTIVE>STOPPING STOP");
        assertThat(rig.engine.pushes()).isEqualTo(1);
    }

    @Test
    void push_withinTheWindowMakesItLastLonger() {
        Rig rig = new Rig(policy(SOME, "not " + SOME));

        push(rig, REQUEST);
        rig.sleep(900);
        push(rig, REQUEST);
        rig.sleep(5000);

        assertThat(rig.told).containsExactly("0.0 INACTIVE>ACTIVE START", "1900.0 ACTIVE>STOPPING STOP");
    }

    @Test
    void push_isNothingToAConditionThatAsksForAnother() {
        Rig rig = new Rig(policy("psi.full trigger 150ms/1s", "usage < 1MiB"));

        push(rig, REQUEST);

        assertThat(rig.told).isEmpty();
    }

    @Test
    void push_combinesWithWhatIsSampled() {
        Rig rig = new Rig(policy(SOME + " and usage > 10MiB", "usage < 5MiB"));
        rig.usage(20).sleep(300);

        push(rig, REQUEST);

        assertThat(rig.told).containsExactly("300.0 INACTIVE>ACTIVE START");
    }

    @Test
    void push_fromTheFutureOrOfAnUnknownCgroupIsIgnored() {
        Rig rig = new Rig(policy(SOME, "usage < 1MiB"));

        rig.engine.pushed(new Push(CGROUP, REQUEST, rig.now() + 1));
        rig.engine.pushed(new Push(new Cgroup(99, "gone"), REQUEST, rig.now()));

        assertThat(rig.told).isEmpty();
        assertThat(rig.engine.ignored()).isEqualTo(2);
        assertThat(rig.engine.pushes()).isZero();
    }

    @Test
    void push_ofEventsDecidesNothingByItself() {
        Rig rig = new Rig(policy("delta(events.max, 10s) > 0", "usage < 1MiB"));
        rig.see(Signal.EVENTS_MAX, 5);

        push(rig, new PushRequest.Events());
        assertThat(rig.told).isEmpty();
        rig.sleep(1).see(Signal.EVENTS_MAX, 6);

        assertThat(rig.told).containsExactly("1.0 INACTIVE>ACTIVE START");
    }

    @Test
    void pushes_areWhatThePoliciesOfACgroupAskFor() {
        Rig rig = new Rig(file(List.of(
                "- name: own",
                "  cgroups: [batch/*]",
                "  start: " + SOME,
                "  stop: not psi.io.full trigger 1ms/500ms",
                "- name: events",
                "  cgroups: [batch/*]",
                "  start: delta(events.max, 1s) > 0",
                "  stop: " + SOME,
                "- name: watching",
                "  cgroups: [other/*]",
                "  watch: [front/*]",
                "  start: psi.cpu.some trigger 1s/2s",
                "  stop: usage < 1MiB")));

        assertThat(rig.engine.pushes(CGROUP))
                .containsExactlyInAnyOrder(
                        REQUEST,
                        new PushRequest.Pressure(Resource.IO, true, Duration.ofMillis(1), Duration.ofMillis(500)),
                        new PushRequest.Events());
        assertThat(rig.engine.pushes(new Cgroup(1, "front/web")))
                .containsExactly(
                        new PushRequest.Pressure(Resource.CPU, false, Duration.ofSeconds(1), Duration.ofSeconds(2)));
        assertThat(rig.engine.pushes(new Cgroup(1, "other/job"))).isEmpty();
    }

    @Test
    void suspend_afterAPushDoesNotKeepIt() {
        Rig rig = new Rig(policy(SOME + " and usage > 10MiB", "usage < 5MiB"));
        rig.usage(20);
        push(rig, REQUEST);
        rig.told.clear();

        rig.time.advanceTimeBy(Duration.ofHours(8));
        rig.see(CGROUP, Map.of(Signal.USAGE, 20 * MIB));

        assertThat(rig.told).containsExactly("3000.0 ACTIVE>STOPPING NO_DATA");
    }
}
