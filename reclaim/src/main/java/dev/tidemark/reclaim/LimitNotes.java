package dev.tidemark.reclaim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/**
 * What is in the journal, or on its way there.
 *
 * <p><b>Thread:</b> confined to the core thread. <b>Back-pressure:</b> one save at a time; what comes meanwhile goes into the next one
 * together.
 */
final class LimitNotes {
    private final LimitJournal journal;
    private final Scheduler core;
    private final Runnable saved;
    private final Map<LimitKey, LimitJournal.Entry> entries = new LinkedHashMap<>();
    private List<Consumer<@Nullable Throwable>> waiting = new ArrayList<>();
    private boolean saving;
    private boolean changed;

    /**
     * @param leftBehind what is in it already
     * @param saved run when a save has ended
     */
    LimitNotes(LimitJournal journal, List<LimitJournal.Entry> leftBehind, Scheduler core, Runnable saved) {
        this.journal = journal;
        this.core = core;
        this.saved = saved;
        leftBehind.forEach(entry -> entries.put(new LimitKey(entry.id(), entry.file()), entry));
    }

    /** What is to be put back where this is found: itself, unless an agent has written it. */
    long beforeOf(LimitKey key, long bytes) {
        LimitJournal.Entry entry = entries.get(key);
        return entry != null && entry.writtenBytes().contains(bytes) ? entry.beforeBytes() : bytes;
    }

    /** @param done told once it is kept, or why it is not */
    void put(LimitJournal.Entry entry, Consumer<@Nullable Throwable> done) {
        entries.put(new LimitKey(entry.id(), entry.file()), entry);
        waiting.add(done);
        save();
    }

    void remove(LimitKey key) {
        if (entries.remove(key) != null) {
            changed = true;
            save();
        }
    }

    boolean isBusy() {
        return saving;
    }

    private void save() {
        if (saving || (waiting.isEmpty() && !changed)) {
            return;
        }
        saving = true;
        changed = false;
        List<Consumer<@Nullable Throwable>> told = waiting;
        waiting = new ArrayList<>();
        journal.save(List.copyOf(entries.values()))
                .publishOn(core)
                .subscribe(nothing -> {}, failure -> saved(told, failure), () -> saved(told, null));
    }

    private void saved(List<Consumer<@Nullable Throwable>> told, @Nullable Throwable failure) {
        saving = false;
        told.forEach(done -> done.accept(failure));
        save();
        saved.run();
    }
}
