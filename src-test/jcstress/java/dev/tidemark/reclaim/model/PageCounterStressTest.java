package dev.tidemark.reclaim.model;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** Charges and their undoing at two levels. */
public abstract class PageCounterStressTest {

    final Meeting meeting = new Meeting();
    final PageCounter parent = new PageCounter(null);
    final PageCounter child = new PageCounter(parent);
    final PageCounter sibling = new PageCounter(parent);

    /** What fits once is never charged twice, and what was charged in vain leaves nothing behind. */
    @JCStressTest
    @Outcome(id = "1, 0, 64, 64", expect = Expect.ACCEPTABLE, desc = "the first came first")
    @Outcome(id = "0, 1, 0, 64", expect = Expect.ACCEPTABLE, desc = "the second came first")
    @Outcome(
            id = "0, 0, 0, 0",
            expect = Expect.ACCEPTABLE_INTERESTING,
            desc = "each saw the other's attempt, as in the kernel")
    @State
    public static class OneBatchFits extends PageCounterStressTest {

        public OneBatchFits() {
            parent.max = 100;
        }

        @Actor
        public void first(IIII_Result r) {
            meeting.await();
            r.r1 = child.tryCharge(64) == null ? 1 : 0;
        }

        @Actor
        public void second(IIII_Result r) {
            meeting.await();
            r.r2 = sibling.tryCharge(64) == null ? 1 : 0;
        }

        @Arbiter
        public void count(IIII_Result r) {
            r.r3 = (int) child.usage;
            r.r4 = (int) parent.usage;
        }
    }

    /** Two charge and give back at once; what stays is what was there. */
    @JCStressTest
    @Outcome(id = "10, 10", expect = Expect.ACCEPTABLE, desc = "nothing is lost")
    @State
    public static class ChargesAndUncharges extends PageCounterStressTest {

        public ChargesAndUncharges() {
            child.tryCharge(10);
            // Of the larger charge there is only room without the smaller one: many fail at the upper level and are
            // undone.
            parent.max = 530;
        }

        private void comeAndGo(PageCounter counter, long pages) {
            for (int i = 0; i < 32; i++) {
                if (counter.tryCharge(pages) == null) {
                    counter.uncharge(pages);
                }
            }
        }

        @Actor
        public void batch() {
            meeting.await();
            comeAndGo(child, 64);
        }

        @Actor
        public void huge() {
            meeting.await();
            comeAndGo(child, 512);
        }

        @Arbiter
        public void count(JJ_Result r) {
            r.r1 = child.usage;
            r.r2 = parent.usage;
        }
    }

    /** A limit that is lowered meanwhile: what was charged after it is below it. */
    @JCStressTest
    @Outcome(id = "64, 64", expect = Expect.ACCEPTABLE, desc = "charged before")
    @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "charged after, in vain")
    @State
    public static class LimitIsLowered extends PageCounterStressTest {

        @Actor
        public void charge() {
            meeting.await();
            child.tryCharge(64);
        }

        @Actor
        public void limit() {
            meeting.await();
            parent.max = 63;
        }

        @Arbiter
        public void count(JJ_Result r) {
            r.r1 = child.usage;
            r.r2 = parent.usage;
        }
    }
}
