package dev.tidemark.reclaim.cgroup2;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where one cgroup's file had the keys of a plan when it was last read: the kernel writes them in the same order each time, and only
 * the lengths of the numbers between them move them. Only ever where to look first.
 *
 * <p><b>Thread:</b> any. Who reads at the same time may see places of before or of after, each of which is verified.
 */
final class KeyPlaces {
    /** The file had no such key. */
    static final int ABSENT = -1;

    private final KernelFile file;
    private final FilePlan plan;
    private final @Nullable KeyPlaces next;
    private int @Nullable [] at;

    /** @param next those of the cgroup's other files */
    KeyPlaces(KernelFile file, FilePlan plan, @Nullable KeyPlaces next) {
        this.file = file;
        this.plan = plan;
        this.next = next;
    }

    /** These but for those of one file. */
    static @Nullable KeyPlaces without(KernelFile file, @Nullable KeyPlaces all) {
        if (all == null) {
            return null;
        }
        @Nullable KeyPlaces others = without(file, all.next);
        if (all.file == file) {
            return others;
        }
        KeyPlaces same = new KeyPlaces(all.file, all.plan, others);
        same.at = all.at;
        return same;
    }

    /** Those of another of the cgroup's files. */
    @Nullable
    KeyPlaces next() {
        return next;
    }

    @SuppressWarnings("ReferenceEquality") // a plan is itself
    boolean isOf(FilePlan other) {
        return plan == other;
    }

    /** The first byte of each key's line, by its position in the plan, to be brought up to date; null when none is known. */
    int @Nullable [] at() {
        return at;
    }

    /** None of so many keys was there, until its place is written here; {@link #learned} makes them known. */
    static int[] absent(int keys) {
        int[] places = new int[keys];
        Arrays.fill(places, ABSENT);
        return places;
    }

    /** @param any whether any key was there: where none was there is nothing that a later look could be verified by */
    void learned(int[] places, boolean any) {
        at = any ? places : null;
    }
}
