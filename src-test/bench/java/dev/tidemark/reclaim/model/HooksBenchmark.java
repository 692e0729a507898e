package dev.tidemark.reclaim.model;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import reactor.core.scheduler.Schedulers;

/**
 * What the hooks cost a charge: a batch of 64 pages through three levels of counters, and back. Without support for hooks
 * (the same charge, compiled without its two looks for a table), with support and no table, with a table whose hooks are
 * others, and with one whose two hooks do nothing. With one task and with two in cgroups of one parent.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HooksBenchmark {

    /** The charge path of a kernel that has no hooks. */
    private static final class WithoutHooks extends Charge {

        WithoutHooks(MemcgTree tree, int cpus) {
            super(tree, cpus);
        }

        @Override
        void charged(Charger charger, int nrPages, int batch) {}

        @Override
        void uncharged(MemCgroup memcg, int nrPages) {}
    }

    /** A host with a cgroup for each of two tasks. */
    @State(Scope.Benchmark)
    public abstract static class Host {

        final MemcgTree tree =
                new MemcgTree(new ModelClock(Schedulers.immediate(), failure -> {}), 2, PageCounter.MAX, 0, false);
        final MemCgroup parent = tree.make("p");
        private final MemCgroup[] children = {tree.make("p/a"), tree.make("p/b")};
        private final Charge charge;
        private int tasks;

        Host(boolean hooks) {
            charge = hooks ? new Charge(tree, 2) : new WithoutHooks(tree, 2);
        }

        synchronized Charger task() {
            int cpu = tasks++ & 1;
            return new Charger(children[cpu], cpu);
        }

        long comeAndGo(Charger charger) {
            MemCgroup over = charge.tryCharge(charger, Charge.MEMCG_CHARGE_BATCH, Charge.MEMCG_CHARGE_BATCH);
            charge.uncharge(charger.memcg, Charge.MEMCG_CHARGE_BATCH);
            return over == null ? charger.overHigh : -1;
        }
    }

    /** No support. */
    public static class Without extends Host {
        public Without() {
            super(false);
        }
    }

    /** Support, and nobody uses it. */
    public static class None extends Host {
        public None() {
            super(true);
        }
    }

    /** A table without hooks for charges. */
    public static class Other extends None {
        public Other() {
            tree.hookTables.attach(
                    parent,
                    MemcgHooks.builder().belowLow((memcg, elow, usage) -> false).build(),
                    0);
        }
    }

    /** A table with both, which do nothing. */
    public static class Empty extends None {
        public Empty() {
            tree.hookTables.attach(
                    parent,
                    MemcgHooks.builder()
                            .memcgCharged((memcg, nrPages) -> 0)
                            .memcgUncharged((memcg, nrPages) -> {})
                            .build(),
                    0);
        }
    }

    /** One allocating thread. */
    @State(Scope.Thread)
    public static class Task {
        private @Nullable Charger charger;

        Charger in(Host host) {
            Charger present = charger;
            if (present == null) {
                present = host.task();
                charger = present;
            }
            return present;
        }
    }

    @Benchmark
    @Threads(1)
    public long without1(Without host, Task task) {
        return host.comeAndGo(task.in(host));
    }

    @Benchmark
    @Threads(2)
    public long without2(Without host, Task task) {
        return host.comeAndGo(task.in(host));
    }

    @Benchmark
    @Threads(1)
    public long none1(None host, Task task) {
        return host.comeAndGo(task.in(host));
    }

    @Benchmark
    @Threads(2)
    public long none2(None host, Task task) {
        return host.comeAndGo(task.in(host));
    }

    @Benchmark
    @Threads(1)
    public long other1(Other host, Task task) {
        return host.comeAndGo(task.in(host));
    }

    @Benchmark
    @Threads(1)
    public long empty1(Empty host, Task task) {
        return host.comeAndGo(task.in(host));
    }

    @Benchmark
    @Threads(2)
    public long empty2(Empty host, Task task) {
        return host.comeAndGo(task.in(host));
    }
}
