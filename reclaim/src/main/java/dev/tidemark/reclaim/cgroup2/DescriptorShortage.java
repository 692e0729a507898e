package dev.tidemark.reclaim.cgroup2;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Tells the operator, once, when the process may not keep open all that is read, and which limit would do.
 *
 * <p><b>Thread:</b> any. <b>Time:</b> as given, nanoseconds of one clock.
 */
final class DescriptorShortage {
    private static final long SETTLED_NANOS = Duration.ofSeconds(1).toNanos();

    private final DescriptorBudget budget;
    private final long processLimit;
    private final Consumer<String> notices;
    private final AtomicBoolean told = new AtomicBoolean();

    // Guarded by this.
    private int cgroups;
    private long settledNanos;

    DescriptorShortage(DescriptorBudget budget, long processLimit, Consumer<String> notices) {
        this.budget = budget;
        this.processLimit = processLimit;
        this.notices = notices;
    }

    /**
     * A cgroup is being read.
     *
     * @param all that are
     */
    void look(Collection<CgroupFiles> all, long now) {
        if (budget.refuses() && !told.get() && hasSettled(all.size(), now) && !told.getAndSet(true)) {
            tell(all);
        }
    }

    /** Of thousands that appear at once the last is heard of a while after the first. */
    private synchronized boolean hasSettled(int size, long now) {
        if (size != cgroups) {
            cgroups = size;
            settledNanos = now + SETTLED_NANOS;
        }
        return now - settledNanos >= 0;
    }

    private void tell(Collection<CgroupFiles> all) {
        int read = 0;
        int files = 0;
        int others = 0;
        for (CgroupFiles of : all) {
            read += of.wanted().length > 0 ? 1 : 0;
            for (KernelFile file : of.wanted()) {
                files++;
                others += file == KernelFile.CURRENT ? 0 : 1;
            }
        }
        long wanted = DescriptorBudget.limitFor(files, others);
        if (wanted > processLimit) {
            notices.accept("the limit of open files, " + processLimit + ", lets " + budget.most() + " of the " + files
                    + " files be kept open that are read of " + read
                    + " cgroups, and the others are opened and closed with each sample: raise it to " + wanted
                    + " (systemd: LimitNOFILE=" + wanted + ")");
        }
    }
}
