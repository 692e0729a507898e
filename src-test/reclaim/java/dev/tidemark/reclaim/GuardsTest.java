package dev.tidemark.reclaim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.Policy;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ReclaimEvent.Reason;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GuardsTest {

    private static final int PAGE = 4096;
    private static final long MIB = 1 << 20;
    private static final long BATCH = 1024;

    private final Cgroup cgroup = new Cgroup();

    /** What the guards are shown. */
    private static final class Cgroup implements ControlLaw.Look {
        double usage = 1000 * MIB;
        final Map<Signal, Double> values = new HashMap<>();

        @Override
        public long now() {
            return 0;
        }

        @Override
        public double usageBytes() {
            return usage;
        }

        @Override
        public double stopBytes() {
            return Double.NaN;
        }

        @Override
        public double value(Signal signal) {
            return values.getOrDefault(signal, Double.NaN);
        }

        @Override
        public long observedNanos(Signal signal) {
            return 0;
        }

        @Override
        public int pageSize() {
            return PAGE;
        }
    }

    @Test
    void floor_letsGoOfWhatLiesAboveIt() {
        Guards guards = guards("limits: { floor: 8MiB }");

        cgroup.usage = 100 * MIB;
        assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Go(BATCH, true));
        cgroup.usage = 10 * MIB;
        assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Go(512, true));
        cgroup.usage = 8 * MIB + 32 * PAGE;
        assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Go(32, true));
    }

    @Test
    void floor_holdsWhatIsLessThanTheKernelTakes() {
        Guards guards = guards("limits: { floor: 8MiB }");

        cgroup.usage = 8 * MIB + 32 * PAGE - 1;

        assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Held(Reason.FLOOR, cgroup.usage, 8 * MIB, 0));
        cgroup.usage = 4 * MIB;
        assertThat(guards.rule(cgroup, BATCH)).isEqualTo(new Ruling.Held(Reason.FLOOR, 4 * MIB, 8 * MIB, 0));
    }

    @Test
    void usageThatIsNotKnown_holdsNothingBack() {
        cgroup.usage = Double.NaN;

        assertThat(guards("limits: { floor: 8MiB }").rule(cgroup, BATCH)).isEqualTo(new Ruling.Go(BATCH, true));
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
