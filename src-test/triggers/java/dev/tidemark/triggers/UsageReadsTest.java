package dev.tidemark.triggers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.config.Signal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

class UsageReadsTest {
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final List<Watched> read = new ArrayList<>();
    private final Watched cgroup = new Watched(new Cgroup(7, "a"), SignalSet.of(Signal.USAGE), 1_000_000_000);
    private boolean full;

    private final Scheduler.Worker worker = new Scheduler.Worker() {
        @Override
        public Disposable schedule(Runnable task) {
            if (full) {
                throw new RejectedExecutionException("full");
            }
            tasks.add(task);
            return Disposables.disposed();
        }

        @Override
        public void dispose() {}
    };

    private final UsageReads reads = new UsageReads(worker, Schedulers.immediate(), Runnable::run, read::add);

    @Test
    void manyPokesOfOneThatHasNotBeenReadYet_areOneRead() {
        poke();
        poke();
        assertThat(tasks).hasSize(1);
        tasks.remove().run();
        assertThat(read).containsExactly(cgroup);
        poke();
        tasks.remove().run();
        assertThat(read).hasSize(2);
    }

    @Test
    void aWorkerThatRefusesIsAskedAgain() {
        full = true;
        assertThatThrownBy(this::poke).isInstanceOf(RejectedExecutionException.class);
        full = false;

        poke();

        tasks.remove().run();
        assertThat(read).containsExactly(cgroup);
    }

    private void poke() {
        cgroup.poked = true;
        reads.request(cgroup);
    }
}
