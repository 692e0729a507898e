package dev.tidemark.testkit;

import static dev.tidemark.testkit.TidemarkAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.config.ExprFunction;
import dev.tidemark.config.Unit;
import example.Headway;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;

class FunctionAssertTest {

    /** Adds up; not on the list of those that can be called. */
    private static final class Total implements ExprFunction {
        @Override
        public String name() {
            return "total";
        }

        @Override
        public String description() {
            return "the sum of all values";
        }

        @Override
        public Unit check(List<Unit> arguments) {
            return Unit.TRUTH;
        }

        @Override
        public int longs() {
            return 1;
        }

        @Override
        public double step(double[] arguments, double[] doubles, long[] longs, long nanos) {
            longs[0] = longs[0] == Long.MIN_VALUE ? (long) arguments[0] : longs[0] + (long) arguments[0];
            arguments[0] = 0;
            return longs[0];
        }
    }

    @Test
    void valuesFollowOnEachOtherForOneCgroupAfterTheOther() {
        assertThat(new Headway())
                .at("0s")
                .of(Double.NaN)
                .isUnknown()
                .at("1s")
                .of(10)
                .is(0)
                .at("2s")
                .of(16)
                .is(6)
                .at("2s")
                .of(4)
                .is(0)
                .forAnotherCgroup()
                .at("0s")
                .of(16)
                .is(0);
    }

    @Test
    void unitsAreChecked() {
        assertThat(new Headway())
                .taking(Unit.BYTES)
                .gives(Unit.BYTES)
                .taking(Unit.TRUTH)
                .isRefused("one value is needed")
                .taking()
                .isRefused("headway(usage)");
    }

    @Test
    void whatIsOnTheClassPathCanBeCalled() {
        assertThat(new Headway()).canBeCalled();
    }

    @Test
    void truthsHoldOrNot() {
        ExprFunction above = new ExprFunction() {
            @Override
            public String name() {
                return "above";
            }

            @Override
            public String description() {
                return "whether a value is above 3";
            }

            @Override
            public Unit check(List<Unit> arguments) {
                return Unit.TRUTH;
            }

            @Override
            public double step(double[] arguments, double[] doubles, long[] longs, long nanos) {
                return arguments[0] > 3 ? 1 : 0;
            }
        };

        assertThat(above).at("0s").of(4).holds().at("0s").of(3).doesNotHold();
        fails(() -> assertThat(above).at("0s").of(3).holds(), "Expecting above(3) at 0s to be 1\nbut it is 0.");
        fails(() -> assertThat(above).at("0s").of(4).doesNotHold(), "Expecting above(4) at 0s to be 0\nbut it is 1.");
    }

    @Test
    void whatIsOtherwiseIsToldInWords() {
        fails(
                () -> assertThat(new Headway()).at("1s").of(2.5).is(1),
                "Expecting headway(2.5) at 1s to be 1\nbut it is 0.");
        fails(
                () -> assertThat(new Headway()).at("1s").of(2.5).isUnknown(),
                "Expecting headway(2.5) at 1s to be unknown\nbut it is 0.");
        fails(
                () -> assertThat(new Headway()).taking(Unit.BYTES).gives(Unit.RATIO),
                "Expecting the function headway to give RATIO for [BYTES]\nbut it gives BYTES.");
        fails(
                () -> assertThat(new Headway()).taking().gives(Unit.RATIO),
                "Expecting the function headway to take []\n"
                        + "but it refuses them: one value is needed, as in headway(usage).");
        fails(
                () -> assertThat(new Headway()).taking(Unit.BYTES).isRefused("no"),
                "Expecting the function headway to refuse [BYTES]\nbut it gives BYTES.");
        fails(
                () -> assertThat(new Headway()).taking().isRefused("two values"),
                "Expecting the function headway to refuse [] with \"two values\"\n"
                        + "but it says: one value is needed, as in headway(usage).");
        fails(
                () -> assertThat(new Total()).canBeCalled(),
                "Expecting the function total to be callable by policies\n"
                        + "but no file META-INF/services/dev.tidemark.config.ExprFunction names it.");
        fails(
                () -> assertThat(new Total()).at("0s").of(3),
                "Expecting the function total to leave its arguments as they are\nbut they are [0.0] now.");
    }

    @Test
    void timeDoesNotGoBack() {
        assertThatThrownBy(() -> assertThat(new Headway()).at("2s").of(1).is(0).at("1s"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("time never goes back for a cgroup, also not to 1s");
    }

    @OnScenario("""
            version: 1
            duration: 10s
            host: { memory: 1GiB }
            cgroups: [ { path: a, max: 64MiB } ]
            workloads:
              - { cgroup: a, name: a, steps: [ { allocate: { name: heap, size: 32MiB, rate: 8MiB/s } } ] }
            """)
    @WithPolicies("""
            version: 1
            policies:
              - name: risen
                cgroups: [a]
                period: 100ms
                start: headway(usage) > 16MiB
                stop: usage < 1MiB
            """)
    @Test
    void aPolicyMayCallIt(Run run) {
        run.toTheEnd();

        assertThat(run).policy("risen").becameActive().between("2s", "2300ms");
    }

    private static void fails(Runnable assertion, String message) {
        assertThatThrownBy(assertion::run)
                .isInstanceOf(AssertionFailedError.class)
                .hasMessage(message);
    }
}
