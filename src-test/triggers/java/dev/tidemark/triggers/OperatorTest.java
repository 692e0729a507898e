package dev.tidemark.triggers;

import static dev.tidemark.triggers.Policies.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tidemark.config.Expr;
import dev.tidemark.config.ExprFunction;
import dev.tidemark.config.Policy;
import dev.tidemark.config.Signal;
import dev.tidemark.config.Span;
import dev.tidemark.config.Unit;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Each operator by itself, with the instants at which it changes; all of them together against {@link Reference} elsewhere. */
class OperatorTest {

    private static final String NEVER = "usage < 0B";
    private static final Span NOWHERE = new Span(1, 1, 1);

    /** One condition fed by hand. */
    private static final class Fed {
        final SignalSet layout;
        final Program program;
        final Evaluation evaluation = new Evaluation();

        Fed(Policy policy) {
            layout = Program.layout(List.of(policy));
            program = Program.compile(policy, layout);
            Known own = new Known(layout, TimeUnit.SECONDS.toNanos(3));
            evaluation.values = own.values;
            evaluation.observed = own.observed;
            evaluation.staleAfter = own.staleAfter;
            evaluation.doubles = program.newDoubles();
            evaluation.longs = program.newLongs();
        }

        Fed(String start) {
            this(policy("'" + start + "'", NEVER));
        }

        Fed see(long millis, Signal signal, double value) {
            evaluation.values[layout.slot(signal)] = value;
            evaluation.observed[layout.slot(signal)] = TimeUnit.MILLISECONDS.toNanos(millis);
            at(millis);
            return this;
        }

        Fed usage(long millis, double value) {
            return see(millis, Signal.USAGE, value);
        }

        double at(long millis) {
            evaluation.at(TimeUnit.MILLISECONDS.toNanos(millis));
            return program.start().step(evaluation);
        }

        /** The value of the operator, which comes after those in it. */
        double reading() {
            return program.start().readings(evaluation).getLast().value();
        }

        long nextMillis() {
            return TimeUnit.NANOSECONDS.toMillis(evaluation.nextChange);
        }
    }

    @Test
    void tumbling_isTheSeriesRule() {
        // More than 100 scanned within a second, and reclaim for a second after.
        Fed fed = new Fed("delta(pgscan, 1s tumbling) > 100 hold 1s").see(0, Signal.PGSCAN, 0);

        assertThat(fed.see(600, Signal.PGSCAN, 100).at(600))
                .as("not strictly above")
                .isEqualTo(Node.FALSE);
        assertThat(fed.see(1000, Signal.PGSCAN, 101).at(1000)).isEqualTo(Node.TRUE);
        fed.see(1100, Signal.PGSCAN, 101);
        assertThat(fed.nextMillis()).isEqualTo(2000);
        assertThat(fed.at(1999)).isEqualTo(Node.TRUE);
        assertThat(fed.at(2000)).isEqualTo(Node.FALSE);
    }

    @Test
    void tumbling_windowsAddUpToTheWholeChange() {
        Fed fed = new Fed("delta(pgscan, 1s tumbling) > 0").see(0, Signal.PGSCAN, 0);
        fed.see(800, Signal.PGSCAN, 80);
        assertThat(fed.reading()).isEqualTo(80);
        fed.see(1300, Signal.PGSCAN, 180);
        assertThat(fed.reading()).as("from 120 at 1 s").isEqualTo(60);
    }

    @Test
    void deriv_isTheSlopeOfTheBestLine() {
        Fed fed = new Fed("deriv(usage, 5s) > 1B/s").usage(0, 100);
        assertThat(fed.reading()).isNaN();

        fed.usage(1000, 110).usage(2000, 140).usage(3000, 130);

        assertThat(fed.reading()).isCloseTo(12, within(1e-9));
    }

    @Test
    void ewma_halvesTheDistanceInOneWindow_howeverOftenSampled() {
        Fed once = new Fed("ewma(usage, 2s) > 1B").usage(0, 0).usage(2000, 100);
        Fed often = new Fed("ewma(usage, 2s) > 1B").usage(0, 0);
        for (int millis = 10; millis <= 2000; millis += 10) {
            often.usage(millis, 100);
        }

        assertThat(once.reading()).isCloseTo(50, within(1e-9));
        assertThat(often.reading()).isCloseTo(50, within(1e-6));
    }

    @Test
    void minAndMax_keepTheExtremeUntilItLeaves() {
        Fed fed = new Fed("max(usage, 2s) > 50B").usage(0, 10).usage(1000, 90).usage(2000, 20);

        assertThat(fed.reading()).isEqualTo(90);
        assertThat(fed.usage(3000, 30).reading())
                .as("the window's start is in it")
                .isEqualTo(90);
        assertThat(fed.usage(4000, 5).reading()).isEqualTo(30);
    }

    @Test
    void max_sampledEachMillisecondLetsGoOfTheExtreme() {
        Fed fed = new Fed("max(usage, 1s) > 50B");
        for (int millis = 0; millis <= 3000; millis++) {
            fed.usage(millis, millis == 1000 ? 1e6 : 3000 - millis);
        }

        assertThat(fed.reading()).as("what was 1 s ago, within its resolution").isBetween(960.0, 1032.0);
    }

    @Test
    void quantile_isOneOfTheSamples() {
        Fed fed = new Fed("quantile(usage, 75%, 10s) > 50B")
                .usage(0, 40)
                .usage(1000, 10)
                .usage(2000, 30)
                .usage(2500, 20);

        assertThat(fed.reading()).isEqualTo(30);
    }

    @Test
    void share_isOfChangesOverTheWindow() {
        Fed fed = new Fed("refault.ratio over 10s > 5%");
        fed.see(0, Signal.REFAULT, 100).see(0, Signal.PGSTEAL, 1000);
        fed.see(1000, Signal.REFAULT, 105).see(1000, Signal.PGSTEAL, 1050);

        assertThat(fed.reading()).isCloseTo(0.1, within(1e-12));
    }

    @Test
    void count_fallsAtTheExactInstant() {
        Fed fed = new Fed("count(usage > 5B, 4s) >= 2")
                .usage(0, 9)
                .usage(1000, 0)
                .usage(2000, 9)
                .usage(3000, 9);

        assertThat(fed.at(3999)).isEqualTo(Node.TRUE);
        assertThat(fed.nextMillis()).isEqualTo(4000);
        assertThat(fed.at(4000)).isEqualTo(Node.FALSE);
    }

    @Test
    void count_ofTumblingWindowsBeginsAnewAtTheExactInstant() {
        Fed fed = new Fed("count(usage > 5B, 2s tumbling) >= 1").usage(500, 0).usage(1000, 9);

        assertThat(fed.nextMillis()).isEqualTo(2500);
        assertThat(fed.at(2499)).isEqualTo(Node.TRUE);
        assertThat(fed.at(2500)).isEqualTo(Node.FALSE);
    }

    @Test
    void count_ofMoreThanItKeepsApartStaysRight() {
        Fed fed = new Fed("count(usage > 5B, 1s) > 1000");
        for (int millis = 0; millis < 5000; millis++) {
            fed.usage(millis, millis % 2 == 0 ? 9 : 0);
        }

        assertThat(fed.reading()).isCloseTo(500, within(16.0));
    }

    @Test
    void rising_isForAnInstant() {
        Fed fed = new Fed("rising(usage > 5B)");

        assertThat(fed.usage(0, 9).at(0)).as("nothing was before").isEqualTo(Node.FALSE);
        fed.usage(1000, 0);
        assertThat(fed.usage(2000, 9).at(2000)).isEqualTo(Node.TRUE);
        assertThat(fed.evaluation.nextChange).isEqualTo(2_000_000_001L);
        assertThat(fed.at(2001)).isEqualTo(Node.FALSE);
    }

    @Test
    void changed_passesOverWhatIsUnknown() {
        Fed fed = new Fed("changed(usage)").usage(0, 9).usage(500, Double.NaN);

        assertThat(fed.at(600)).isNaN();
        assertThat(fed.usage(1000, 9).at(1000)).isEqualTo(Node.FALSE);
        assertThat(fed.usage(2000, 8).at(2000)).isEqualTo(Node.TRUE);
    }

    @Test
    void then_needsTheOrderAndTheTime() {
        String both = "usage > 5B then pgscan > 5 within 2s";

        assertThat(new Fed(both).usage(0, 9).see(1000, Signal.PGSCAN, 9).at(1000))
                .isEqualTo(Node.TRUE);
        assertThat(new Fed(both).see(0, Signal.PGSCAN, 9).usage(1000, 9).at(1000))
                .isEqualTo(Node.FALSE);
        Fed inTime = new Fed(both).see(0, Signal.PGSCAN, 0).usage(0, 9).usage(500, 0);
        assertThat(inTime.see(2500, Signal.PGSCAN, 9).at(2500)).isEqualTo(Node.TRUE);
        Fed tooLate = new Fed(both).see(0, Signal.PGSCAN, 0).usage(0, 9).usage(500, 0);
        assertThat(tooLate.see(2501, Signal.PGSCAN, 9).at(2501)).isEqualTo(Node.FALSE);
    }

    @Test
    void atLeast_isKleenes() {
        Fed fed = new Fed("2 of (usage > 5B, pgscan > 5, pgsteal > 5)").usage(0, 9);

        assertThat(fed.at(0)).isNaN();
        assertThat(fed.see(0, Signal.PGSCAN, 9).at(0)).isEqualTo(Node.TRUE);
        fed.see(0, Signal.PGSCAN, 0);
        assertThat(fed.see(0, Signal.PGSTEAL, 0).at(0)).isEqualTo(Node.FALSE);
    }

    @Test
    void pressure_countsAsLongAsThePushSays() {
        Fed fed = new Fed("psi.some trigger 150ms/1s");
        assertThat(fed.at(0)).isEqualTo(Node.FALSE);
        PushRequest request = fed.program.pressures().getFirst();
        fed.evaluation.at(TimeUnit.SECONDS.toNanos(5));

        Push push = new Push(Cgroup.HOST, request, TimeUnit.SECONDS.toNanos(5), Duration.ofSeconds(2), "");

        assertThat(fed.program.pushed(fed.evaluation, push)).isTrue();
        assertThat(fed.at(5000)).isEqualTo(Node.TRUE);
        assertThat(fed.nextMillis()).isEqualTo(7000);
        assertThat(fed.at(7000)).isEqualTo(Node.FALSE);
        assertThat(fed.program.pushed(fed.evaluation, new Push(Cgroup.HOST, new PushRequest.Events(), 1)))
                .isFalse();
    }

    @Test
    void derived_areComputedFromTheirParts() {
        Fed fed = new Fed("headroom < 50B or time_to_limit < 2s");
        fed.see(0, Signal.LIMIT, 100).usage(0, 10).usage(1000, 20).usage(2000, 30);

        List<Decision.Reading> readings = fed.program.start().readings(fed.evaluation);

        assertThat(readings).extracting(Decision.Reading::text).containsExactly("headroom", "time_to_limit");
        assertThat(readings).extracting(Decision.Reading::value).containsExactly(70.0, 7.0);
        assertThat(Program.signals(policy("headroom < 1B", NEVER)).signals())
                .containsExactlyInAnyOrder(Signal.USAGE, Signal.LIMIT);
    }

    @Test
    void headroom_isALevelOfUsage() {
        Fed fed = new Fed("headroom < 30B").see(0, Signal.LIMIT, 100).usage(0, 10);

        assertThat(fed.program.start().levelAbove(fed.evaluation, 10)).isEqualTo(70);
    }

    @Test
    void sameWindow_isRememberedOnce() {
        Program once = new Fed(policy("delta(usage, 5s) > 1B", NEVER)).program;
        Program twice = new Fed(policy("delta(usage, 5s) > 1B", "delta(usage, 5s) < 0B")).program;

        assertThat(twice.newLongs()).hasSameSizeAs(once.newLongs());
    }

    @Test
    void sameState_doesNotMindTheLengthOfFor() {
        Program before = new Fed(policy("usage over 5s > 1B for 1s", NEVER)).program;

        assertThat(before.sameState(new Fed(policy("usage over 5s > 2B for 3s", NEVER)).program))
                .isTrue();
        assertThat(before.sameState(new Fed(policy("usage over 6s > 1B for 1s", NEVER)).program))
                .isFalse();
    }

    /** Adds up what it is given. */
    private static final class Total implements ExprFunction {
        @Override
        public String name() {
            return "total";
        }

        @Override
        public String description() {
            return "adds up";
        }

        @Override
        public Unit check(List<Unit> arguments) {
            return arguments.getFirst();
        }

        @Override
        public int doubles() {
            return 1;
        }

        @Override
        public double step(double[] arguments, double[] doubles, long[] longs, long nanos) {
            double before = Double.isNaN(doubles[0]) ? 0 : doubles[0];
            doubles[0] = before + arguments[0];
            return doubles[0];
        }
    }

    @Test
    void call_isAskedOnceForAnInstant_andRemembersForEachCgroup() {
        Expr usage = new Expr.SignalRef(Signal.USAGE, NOWHERE);
        Expr total = new Expr.Call(new Total(), List.of(usage), Unit.BYTES, NOWHERE);
        Expr limit = new Expr.Literal(10, Unit.BYTES, NOWHERE);
        Policy like = policy("usage > 1B", NEVER);
        Policy policy = new Policy(
                like.name(),
                like.cgroups(),
                like.exclude(),
                like.watch(),
                like.period(),
                new Expr.Comparison(Expr.Relation.GREATER, total, limit, NOWHERE),
                like.stop(),
                like.action(),
                like.limits(),
                like.priority(),
                like.weight(),
                like.guards(),
                like.cooldown(),
                like.noData());
        Fed fed = new Fed(policy).usage(0, 4);
        fed.at(0);
        fed.at(0);
        assertThat(fed.reading()).isEqualTo(4);
        double[] mine = fed.evaluation.doubles;

        fed.evaluation.doubles = fed.program.newDoubles();
        fed.evaluation.longs = fed.program.newLongs();
        fed.usage(1000, 5);
        assertThat(fed.reading()).isEqualTo(5);

        fed.evaluation.doubles = mine;
        assertThat(fed.usage(2000, 8).at(2000)).isEqualTo(Node.TRUE);
        assertThat(fed.reading()).isEqualTo(12);
    }

    @Test
    void step_allocatesNothing_whateverTheOperator() {
        Fed fed = new Fed("2 of (max(usage, 2s) > 9B, quantile(usage, 95%, 5s) < 9B, deriv(usage, 5s) > 1B/s,"
                + " ewma(usage, 1s) > 5B, count(usage > 5B, 1s) > 3, count(usage > 5B, 1s tumbling) > 3,"
                + " delta(pgscan, 1s tumbling) > 5, changed(usage) hold 1s, rising(usage > 5B) hold 1s,"
                + " usage > 5B then pgscan over 1s > 5 within 1s, refault.ratio over 5s > 5%, headroom < 9B,"
                + " time_to_limit < 5s, psi.some over 2s > 1% for 1s, mean(usage, 5s) > 3B)");
        int steps = 20_000;
        walk(fed, 0, steps);

        long before = allocated();
        walk(fed, steps, steps);
        long bytes = allocated() - before;

        assertThat(bytes).as("bytes of %d steps", steps).isLessThan(steps);
    }

    private static void walk(Fed fed, int from, int steps) {
        for (int i = from; i < from + steps; i++) {
            Arrays.fill(fed.evaluation.values, (i * 31) % 17);
            Arrays.fill(fed.evaluation.observed, i * 10_000_000L);
            fed.at(i * 10L);
        }
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}
