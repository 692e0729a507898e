package dev.tidemark.triggers;

import static dev.tidemark.triggers.Policies.policy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Signal;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What becomes of an active policy whose source is silent for 90 s, by its rule. */
class NoDataTest {

    private static final Signal AVG10 = Signal.PSI_SOME_AVG10;

    private static Rig silent(String... more) {
        Rig rig = new Rig(policy("psi.some.avg10 > 80%", "psi.some.avg10 < 10%", more));
        rig.see(AVG10, 0.9);
        rig.sleep(90_000);
        return rig;
    }

    @Test
    void silentSource_stop_stopsAndCoolsDown() {
        Rig rig = silent("cooldown: 200s", "no_data: stop");

        rig.drained().see(AVG10, 0.9);

        assertThat(rig.told)
                .containsExactly(
                        "0.0 INACTIVE>ACTIVE START",
                        "3000.0 ACTIVE>STOPPING NO_DATA",
                        "90000.0 STOPPING>COOLDOWN DRAINED");
    }

    @Test
    void silentSource_inactive_startsAgainAsSoonAsItSees() {
        Rig rig = silent("cooldown: 200s", "no_data: inactive");

        rig.drained().sleep(10_000).see(AVG10, 0.9);

        assertThat(rig.told)
                .containsExactly(
                        "0.0 INACTIVE>ACTIVE START",
                        "3000.0 ACTIVE>STOPPING NO_DATA",
                        "90000.0 STOPPING>INACTIVE DRAINED",
                        "100000.0 INACTIVE>ACTIVE START");
    }

    @Test
    void silentSource_inactive_coolsDownAfterAStopOfAnotherKind() {
        Rig rig = silent("cooldown: 200s", "no_data: inactive");
        rig.drained().see(AVG10, 0.9).sleep(1000).see(AVG10, 0.05).drained();

        assertThat(rig.told).last().isEqualTo("91000.0 STOPPING>COOLDOWN DRAINED");
    }

    @Test
    void silentSource_hold_goesOnUntilItSeesAgain() {
        Rig rig = silent("no_data: hold");
        assertThat(rig.state()).isEqualTo(TriggerState.ACTIVE);

        rig.see(AVG10, 0.05);

        assertThat(rig.told).containsExactly("0.0 INACTIVE>ACTIVE START", "90000.0 ACTIVE>STOPPING STOP");
    }

    @Test
    void suspend_hold_isNoReasonToStop() {
        Rig rig = silent("no_data: hold");

        rig.time.advanceTimeBy(Duration.ofHours(8));
        rig.see(AVG10, 0.9);

        assertThat(rig.told).containsExactly("0.0 INACTIVE>ACTIVE START");
    }
}
