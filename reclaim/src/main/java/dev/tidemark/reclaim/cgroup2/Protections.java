package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.reclaim.cgroup2.LimitCache.Limit;
import java.io.IOException;
import java.util.Objects;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What memory.min and memory.low keep for a cgroup when the kernel reclaims from the top: {@code page_counter_calculate_protection} in
 * {@code mm/page_counter.c}. A cgroup has no more than its part of what is kept for the one above it, so that nothing at all needs to
 * be read below one for which nothing is kept; of the others usage, both files and those of the siblings are.
 *
 * <p>Kept with the {@link Level}, as old as limits may be.
 *
 * <p><b>Thread:</b> any; blocks when it has to read.
 */
final class Protections {

    /** Bytes, both kinds. */
    record Kept(double min, double low, long untilNanos) {
        static final Kept NOTHING = new Kept(0, 0, Long.MIN_VALUE);

        private boolean isNothing() {
            return min == 0 && low == 0;
        }
    }

    /** What all cgroups right below one ask for together, of what they use. */
    record Claims(double min, double low, long untilNanos) {}

    /** Of one level: usage and its two files. */
    private record Own(double usage, double min, double low) {}

    private final CgroupFs fs;
    private final boolean recursive;
    private final IntToLongFunction freshNanos;

    /**
     * @param recursive whether what a cgroup does not claim goes to those below: {@code memory_recursiveprot}
     * @param freshNanos how long what takes reading so many more cgroups may be believed
     */
    Protections(CgroupFs fs, boolean recursive, IntToLongFunction freshNanos) {
        this.fs = fs;
        this.recursive = recursive;
        this.freshNanos = freshNanos;
    }

    /** The larger of both in bytes; infinite where a file says {@code max}. */
    double of(CgroupFiles files, long now, Scratch scratch) throws IOException {
        Level level = files.level();
        @Nullable Kept before = level.kept;
        Kept kept = of(level, now, scratch);
        if (!Objects.equals(level.kept, before)) {
            scratch.unproven = true;
        }
        return Math.max(kept.min, kept.low);
    }

    private Kept of(Level level, long now, Scratch scratch) throws IOException {
        @Nullable Kept known = level.kept;
        if (known != null && now - known.untilNanos < 0) {
            return known;
        }
        @Nullable Level above = level.above();
        if (above == null) {
            // The top has none of its own; what stands right below it has what its files say.
            return Kept.NOTHING;
        }
        boolean first = above.above() == null;
        Kept aboves = of(above, now, scratch);
        if (!first && aboves.isNothing()) {
            return Kept.NOTHING;
        }
        long until = now + freshNanos.applyAsLong(1);
        Kept kept = first ? raw(level, until, scratch) : part(level, above, aboves, now, until, scratch);
        level.kept = kept;
        return kept;
    }

    private Kept raw(Level level, long until, Scratch scratch) throws IOException {
        return new Kept(
                number(level.directory(), Limit.MIN, scratch), number(level.directory(), Limit.LOW, scratch), until);
    }

    private Kept part(Level level, Level above, Kept aboves, long now, long until, Scratch scratch) throws IOException {
        Own own = own(level.directory(), scratch);
        double aboveUsage = usage(above.directory(), scratch);
        Claims claims = claims(above, now, scratch);
        return new Kept(
                effective(own.usage, aboveUsage, own.min, aboves.min, claims.min, recursive),
                effective(own.usage, aboveUsage, own.low, aboves.low, claims.low, recursive),
                until);
    }

    /** {@code effective_protection}, in bytes. */
    static double effective(
            double usage,
            double parentUsage,
            double setting,
            double parentEffective,
            double claimed,
            boolean recursive) {
        double own = Math.min(usage, setting);
        if (claimed > parentEffective) {
            return own * parentEffective / claimed;
        }
        if (!recursive || parentEffective <= claimed || parentUsage <= claimed || usage <= own) {
            return own;
        }
        // What is kept without end cannot be divided: all of what is used is kept.
        double unclaimed = Math.min(parentEffective, parentUsage) - claimed;
        return own + unclaimed * (usage - own) / (parentUsage - claimed);
    }

    private Claims claims(Level level, long now, Scratch scratch) throws IOException {
        @Nullable Claims known = level.claims;
        if (known != null && now - known.untilNanos < 0) {
            return known;
        }
        double min = 0;
        double low = 0;
        int children = 0;
        for (String name : fs.names(level.directory().path())) {
            Directory child = new Directory(level.directory().resolve(name));
            double childMin = LimitCache.single(fs, child, KernelFile.MIN, scratch);
            if (Double.isNaN(childMin)) {
                continue;
            }
            children++;
            double childLow = number(child, Limit.LOW, scratch);
            if (childMin > 0 || childLow > 0) {
                double usage = usage(child, scratch);
                min += Math.min(usage, childMin);
                low += Math.min(usage, childLow);
            }
        }
        Claims claims = new Claims(min, low, now + freshNanos.applyAsLong(children));
        level.claims = claims;
        return claims;
    }

    private Own own(Directory directory, Scratch scratch) throws IOException {
        return new Own(
                usage(directory, scratch),
                number(directory, Limit.MIN, scratch),
                number(directory, Limit.LOW, scratch));
    }

    private double usage(Directory directory, Scratch scratch) throws IOException {
        return orNothing(LimitCache.single(fs, directory, KernelFile.CURRENT.fileName(), scratch));
    }

    private double number(Directory directory, Limit limit, Scratch scratch) throws IOException {
        return orNothing(LimitCache.single(fs, directory, limit.fileName(), scratch));
    }

    /** Where there is no such file, or no such cgroup any more, nothing is kept. */
    private static double orNothing(double number) {
        return Double.isNaN(number) ? 0 : number;
    }
}
