package dev.tidemark.agent;

import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.model.MemcgHooks;
import dev.tidemark.reclaim.model.MemoryModel;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.ChargeCounter;
import dev.tidemark.triggers.ChargeSource;
import dev.tidemark.triggers.SignalSet;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import reactor.core.scheduler.Scheduler;

/** Puts a {@link ChargeCounter} into the model's charge path, for each cgroup that some policy is for. */
final class ModelCharges implements ChargeFeed {

    private static final SignalSet USAGE = SignalSet.of(Signal.USAGE);

    private final MemoryModel model;
    private final ChargeSource source;
    private final Map<Cgroup, ChargeCounter> counters = new HashMap<>();
    private Consumer<Cgroup> crossed = cgroup -> {};

    ModelCharges(MemoryModel model, Scheduler core) {
        this.model = model;
        this.source = new ChargeSource(() -> core.schedule(this::drain));
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
        counters.put(cgroup, counter);
        model.attach(cgroup, new MemcgHooks() {
            @Override
            public int memcgCharged(Cgroup memcg, int nrPages) {
                return counter.charged(nrPages);
            }

            @Override
            public void memcgUncharged(Cgroup memcg, int nrPages) {
                counter.uncharged(nrPages);
            }
        });
    }

    @Override
    public void gone(Cgroup cgroup) {
        counters.remove(cgroup);
        model.detach(cgroup);
    }

    @Override
    public void arm(Cgroup cgroup, double bytes) {
        ChargeCounter counter = counters.get(cgroup);
        if (counter == null) {
            return;
        }
        if (Double.isInfinite(bytes)) {
            counter.disarm();
        } else {
            // Usage has just been looked at and is not there yet. Where the counter is, being ahead of usage by what it
            // has
            // not been told of, the next look is due a batch later: at once would be for ever.
            counter.arm(Math.max((long) Math.ceil(bytes / model.pageSize()), counter.pages() + ChargeCounter.BATCH));
        }
    }

    private void drain() {
        source.drain(counter -> crossed.accept(counter.cgroup()));
    }
}
