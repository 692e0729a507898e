package dev.tidemark.agent;

import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.model.MemcgHooks;
import dev.tidemark.reclaim.model.MemoryModel;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.ChargeCounter;
import dev.tidemark.triggers.ChargeSource;
import dev.tidemark.triggers.SignalSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/**
 * Counts charges in the model's charge path, with a {@link ChargeCounter} for each cgroup that some policy is for.
 *
 * <p>One table of hooks at the root does it for all, since a charge counts for the cgroup and for every one above it. Others
 * may override the table in cgroups of their choice; what is charged there, sampling finds.
 */
final class ModelCharges implements ChargeFeed {

    private static final SignalSet USAGE = SignalSet.of(Signal.USAGE);

    private final MemoryModel model;
    private final ChargeSource source;
    /** By the cgroup's id. */
    private final Map<Long, ChargeCounter> counters = new ConcurrentHashMap<>();
    /**
     * By the id of what is charged: whom that is for. Filled by the hooks alone; whoever changes {@link #counters} puts an
     * empty one here.
     */
    private final AtomicReference<@Nullable Told[]> told = new AtomicReference<>(new @Nullable Told[0]);

    private Consumer<Cgroup> crossed = cgroup -> {};

    /** The counters of a cgroup and of those above it. */
    private record Told(List<ChargeCounter> counters) {

        void charged(int nrPages) {
            for (int i = 0; i < counters.size(); i++) {
                counters.get(i).charged(nrPages);
            }
        }

        void uncharged(int nrPages) {
            for (int i = 0; i < counters.size(); i++) {
                counters.get(i).uncharged(nrPages);
            }
        }
    }

    ModelCharges(MemoryModel model, Scheduler core) {
        this.model = model;
        // The model charges on one thread, and what it does may not depend on how many this machine could run.
        this.source = new ChargeSource(1, () -> core.schedule(this::drain));
        MemcgHooks table = MemcgHooks.builder()
                .memcgCharged((memcg, nrPages) -> {
                    told(memcg).charged(nrPages);
                    return 0;
                })
                .memcgUncharged((memcg, nrPages) -> told(memcg).uncharged(nrPages))
                .build();
        model.attach(model.cgroup("").orElseThrow(), table, MemcgHooks.ALLOW_OVERRIDE);
    }

    @Override
    public void connect(Consumer<Cgroup> listener) {
        crossed = listener;
    }

    @Override
    public void appeared(Cgroup cgroup) {
        double[] usage = new double[1];
        try {
            model.read(cgroup, USAGE, usage);
        } catch (CgroupGoneException e) {
            // Its end is told by the tree.
            return;
        }
        ChargeCounter counter = source.counter(cgroup);
        counter.charged((int) (usage[0] / model.pageSize()));
        counters.put(cgroup.id(), counter);
        forget();
    }

    @Override
    public void gone(Cgroup cgroup) {
        counters.remove(cgroup.id());
        forget();
    }

    @Override
    public void arm(Cgroup cgroup, double bytes) {
        ChargeCounter counter = counters.get(cgroup.id());
        if (counter == null) {
            return;
        }
        if (Double.isInfinite(bytes)) {
            counter.disarm();
        } else {
            // Usage has just been looked at and is not there yet. Where the counter is, being ahead of usage by what it
            // has not been told of, the next look is due a batch later: at once would be for ever.
            counter.arm(Math.max((long) Math.ceil(bytes / model.pageSize()), counter.pages() + ChargeCounter.BATCH));
        }
    }

    private void drain() {
        source.drain(counter -> crossed.accept(counter.cgroup()));
    }

    private void forget() {
        told.set(new @Nullable Told[0]);
    }

    private Told told(Cgroup memcg) {
        @Nullable Told[] known = told.get();
        int id = Math.toIntExact(memcg.id());
        Told found = id < known.length ? known[id] : null;
        return found == null ? lookUp(memcg, id, known) : found;
    }

    private Told lookUp(Cgroup memcg, int id, @Nullable Told[] known) {
        List<ChargeCounter> found = new ArrayList<>();
        Optional<Cgroup> level = Optional.of(memcg);
        while (level.isPresent()) {
            ChargeCounter counter = counters.get(level.get().id());
            if (counter != null) {
                found.add(counter);
            }
            level = model.parent(level.get());
        }
        Told all = new Told(List.copyOf(found));
        @Nullable Told[] grown = id < known.length ? known : Arrays.copyOf(known, 2 * id + 1);
        grown[id] = all;
        // Should the counters have changed meanwhile, this was put among the old ones and is looked up again.
        told.compareAndSet(known, grown);
        return all;
    }
}
