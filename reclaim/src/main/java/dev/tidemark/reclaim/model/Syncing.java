package dev.tidemark.reclaim.model;

import org.jspecify.annotations.Nullable;

/** {@code fsync}: writes what is dirty of a file, and waits until the disk has it. */
final class Syncing extends Action {

    private final String name;
    private @Nullable Mapping file;
    private boolean waited;

    Syncing(Task task, String name) {
        super(task);
        this.name = name;
    }

    @Override
    void enter() {
        file = task.kernel.files.find(name);
        waited = false;
    }

    @Override
    boolean advance() {
        Mapping synced = file;
        if (waited || synced == null) {
            return true;
        }
        if (!task.synced()) {
            return false;
        }
        waited = true;
        task.spend(Costs.SYSCALL);
        long until = task.kernel.writeback.sync(synced);
        task.sleep(Math.max(0, until - task.local()));
        return false;
    }
}
