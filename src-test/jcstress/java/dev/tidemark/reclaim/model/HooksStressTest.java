package dev.tidemark.reclaim.model;

import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Tables come and go while tasks charge. */
public abstract class HooksStressTest {

    final Meeting meeting = new Meeting();
    final Host host = new Host();
    final Charger charger = new Charger(host.child, 0);
    final Charger other = new Charger(host.sibling, 1);

    boolean attach(MemCgroup memcg, MemcgHooks hooks, int flags) {
        try {
            host.tables.attach(memcg, hooks, flags);
            return true;
        } catch (MemcgHooksException e) {
            if (e.errno() != MemcgHooksException.Errno.EBUSY) {
                throw e;
            }
            return false;
        }
    }

    /** Charges and gives back. */
    void comeAndGo(Charger by) {
        host.charge(by);
        host.charge.uncharge(by.memcg, 1);
    }

    /** When detach has returned, no call is under way and none begins. */
    @JCStressTest
    @Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "no call after detach returned")
    @State
    public static class Detach extends HooksStressTest {

        private volatile boolean detached;
        private volatile int late;

        public Detach() {
            host.tables.attach(
                    host.parent,
                    MemcgHooks.builder()
                            .memcgCharged((memcg, nrPages) -> {
                                called();
                                return 0;
                            })
                            .memcgUncharged((memcg, nrPages) -> called())
                            .build(),
                    0);
        }

        private void called() {
            // At the end of the call: it must not have outlived the table.
            if (detached) {
                late = 1;
            }
        }

        @Actor
        public void charge() {
            meeting.await();
            for (int i = 0; i < 8; i++) {
                comeAndGo(charger);
                comeAndGo(other);
            }
        }

        @Actor
        public void detach() {
            meeting.await();
            host.tables.detach(host.parent);
            detached = true;
        }

        @Arbiter
        public void arbiter(I_Result r) {
            r.r1 = late;
        }
    }

    /** A charge is told to the old table or to the new one, never to none, and to the old one only before swap returned. */
    @JCStressTest
    @Outcome(id = "[12], [12], 2", expect = Expect.ACCEPTABLE, desc = "one of the two, and afterwards the new one")
    @State
    public static class Swap extends HooksStressTest {

        public Swap() {
            host.tables.attach(host.parent, Host.delaying(1), 0);
        }

        @Actor
        public void charge(III_Result r) {
            meeting.await();
            r.r1 = host.charge(charger);
            r.r2 = host.charge(other);
        }

        @Actor
        public void swap(III_Result r) {
            meeting.await();
            host.tables.swap(host.parent, Host.delaying(2));
            r.r3 = host.charge(new Charger(host.parent, 1));
        }
    }

    /** As detach, for the table that swap takes away. */
    @JCStressTest
    @Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "no call of the old table after swap returned")
    @State
    public static class SwapWaits extends HooksStressTest {

        private volatile boolean swapped;
        private volatile int late;

        public SwapWaits() {
            host.tables.attach(
                    host.parent,
                    MemcgHooks.builder()
                            .memcgCharged((memcg, nrPages) -> {
                                if (swapped) {
                                    late = 1;
                                }
                                return 0;
                            })
                            .build(),
                    0);
        }

        @Actor
        public void charge() {
            meeting.await();
            for (int i = 0; i < 8; i++) {
                comeAndGo(charger);
                comeAndGo(other);
            }
        }

        @Actor
        public void swap() {
            meeting.await();
            host.tables.swap(host.parent, Host.delaying(2));
            swapped = true;
        }

        @Arbiter
        public void arbiter(I_Result r) {
            r.r1 = late;
        }
    }

    /** Of an override that goes, the parent's table is left, at every instant. */
    @JCStressTest
    @Outcome(id = "[12], 1", expect = Expect.ACCEPTABLE, desc = "the own table or the parent's")
    @State
    public static class DetachOverride extends HooksStressTest {

        public DetachOverride() {
            host.tables.attach(host.parent, Host.delaying(1), MemcgHooks.ALLOW_OVERRIDE);
            host.tables.attach(host.child, Host.delaying(2), 0);
        }

        @Actor
        public void charge(II_Result r) {
            meeting.await();
            r.r1 = host.charge(charger);
        }

        @Actor
        public void detach(II_Result r) {
            meeting.await();
            host.tables.detach(host.child);
            r.r2 = host.charge(new Charger(host.child, 1));
        }
    }

    /** Attached means seen, by whoever comes after. */
    @JCStressTest
    @Outcome(id = "[01], 1", expect = Expect.ACCEPTABLE, desc = "before or after")
    @State
    public static class Attach extends HooksStressTest {

        @Actor
        public void charge(II_Result r) {
            meeting.await();
            r.r1 = host.charge(charger);
        }

        @Actor
        public void attach(II_Result r) {
            meeting.await();
            host.tables.attach(host.parent, Host.delaying(1), 0);
            r.r2 = host.charge(other);
        }
    }

    /** Of two that attach to one cgroup and one above it, one is refused. */
    @JCStressTest
    @Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "the upper one came first: it cannot be overridden")
    @Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "the lower one came first: it is in the way")
    @State
    public static class TwoAttach extends HooksStressTest {

        @Actor
        public void upper(ZZ_Result r) {
            meeting.await();
            r.r1 = attach(host.parent, Host.delaying(1), 0);
        }

        @Actor
        public void lower(ZZ_Result r) {
            meeting.await();
            r.r2 = attach(host.child, Host.delaying(2), 0);
        }
    }

    /** Two tables that keep one ledger are swapped: it stays equal to the counter. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "each charge was told once")
    @State
    public static class Ledger extends HooksStressTest {

        private final AtomicLong ledger = new AtomicLong();

        public Ledger() {
            host.tables.attach(host.parent, table(), 0);
        }

        private MemcgHooks table() {
            return MemcgHooks.builder()
                    .memcgCharged((memcg, nrPages) -> {
                        ledger.addAndGet(nrPages);
                        return 0;
                    })
                    .memcgUncharged((memcg, nrPages) -> ledger.addAndGet(-nrPages))
                    .build();
        }

        @Actor
        public void charge() {
            meeting.await();
            for (int i = 0; i < 8; i++) {
                comeAndGo(charger);
                host.charge(other);
                host.charge.drainAllStock(host.child);
            }
        }

        @Actor
        public void swap() {
            meeting.await();
            host.tables.swap(host.parent, table());
            host.tables.swap(host.parent, table());
        }

        @Arbiter
        public void arbiter(JJ_Result r) {
            r.r1 = ledger.get() - host.parent.memory.usage;
            r.r2 = host.used(host.child);
        }
    }
}
