package dev.tidemark.reclaim.model;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJJ_Result;

/** One CPU's stock in many hands: every page is in use, in a stock, or given back. */
public abstract class StocksStressTest {

    final Meeting meeting = new Meeting();
    final Host host = new Host();
    final Charger child = new Charger(host.child, 0);
    final Charger again = new Charger(host.child, 0);
    final Charger sibling = new Charger(host.sibling, 0);

    StocksStressTest() {
        host.charge(child);
    }

    void count(JJJ_Result r) {
        r.r1 = host.used(host.child);
        r.r2 = host.used(host.sibling);
        r.r3 = host.used(host.parent);
    }

    /** Two tasks take from one stock. */
    @JCStressTest
    @Outcome(id = "3, 0, 0", expect = Expect.ACCEPTABLE, desc = "each has its page")
    @State
    public static class TwoTake extends StocksStressTest {

        @Actor
        public void first() {
            meeting.await();
            host.charge(child);
        }

        @Actor
        public void second() {
            meeting.await();
            host.charge(again);
        }

        @Arbiter
        public void arbiter(JJJ_Result r) {
            count(r);
        }
    }

    /** A task takes from a stock that is drained. */
    @JCStressTest
    @Outcome(id = "2, 0, 0", expect = Expect.ACCEPTABLE, desc = "it has its page, the rest is given back or in stock")
    @State
    public static class TakeAndDrain extends StocksStressTest {

        @Actor
        public void take() {
            meeting.await();
            host.charge(child);
        }

        @Actor
        public void drain() {
            meeting.await();
            host.charge.drainAllStock(host.parent);
        }

        @Arbiter
        public void arbiter(JJJ_Result r) {
            count(r);
        }
    }

    /** Two cgroups displace each other's stock and one drains it. */
    @JCStressTest
    @Outcome(id = "2, 1, 0", expect = Expect.ACCEPTABLE, desc = "each has its page, whoever holds the stock")
    @State
    public static class TwoCgroupsAndDrain extends StocksStressTest {

        @Actor
        public void first() {
            meeting.await();
            host.charge(child);
        }

        @Actor
        public void second() {
            meeting.await();
            host.charge(sibling);
            host.charge.drainAllStock(host.sibling);
        }

        @Arbiter
        public void arbiter(JJJ_Result r) {
            count(r);
        }
    }
}
