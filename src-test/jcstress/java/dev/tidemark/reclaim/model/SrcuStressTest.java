package dev.tidemark.reclaim.model;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.Z_Result;

/** Whoever has waited for readers may free what they read. */
public abstract class SrcuStressTest {

    final Meeting meeting = new Meeting();
    final Srcu srcu = new Srcu();
    private volatile Published published = new Published(1);

    private static final class Published {
        int value;

        Published(int value) {
            this.value = value;
        }
    }

    /** -1 when what it read was freed under its eyes, else 1 or 2. */
    final int read() {
        int section = srcu.readLock();
        try {
            return published.value;
        } finally {
            srcu.readUnlock(section);
        }
    }

    final void replace(int value) {
        Published old = published;
        published = new Published(value);
        srcu.synchronize();
        old.value = -1;
    }

    /** One takes away while another reads. */
    @JCStressTest
    @Outcome(id = "[12], [12]", expect = Expect.ACCEPTABLE, desc = "the old or the new")
    @State
    public static class Replace extends SrcuStressTest {

        @Actor
        public void reader(II_Result r) {
            meeting.await();
            r.r1 = read();
            r.r2 = read();
        }

        @Actor
        public void replace() {
            meeting.await();
            replace(2);
        }
    }

    /** Many times in a row, so that a reader which is slow to count itself in meets both generations. */
    @JCStressTest
    @Outcome(id = "true", expect = Expect.ACCEPTABLE, desc = "nothing was freed under its eyes")
    @State
    public static class ReplaceOften extends SrcuStressTest {

        @Actor
        public void reader(Z_Result r) {
            meeting.await();
            boolean alive = true;
            for (int i = 0; i < 64; i++) {
                alive &= read() > 0;
            }
            r.r1 = alive;
        }

        @Actor
        public void replace() {
            meeting.await();
            for (int value = 2; value < 18; value++) {
                replace(value);
            }
        }
    }
}
