package dev.tidemark.reclaim.model;

/**
 * The random numbers of a program: SplitMix64 with the constants of {@link java.util.SplittableRandom}, written out so that a
 * program for a real kernel can draw the same ones. Each draw is one step; no rejection.
 */
final class SplitMix {

    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

    private long state;

    SplitMix(long state) {
        this.state = state;
    }

    /** 64 random bits. */
    long next() {
        state += GOLDEN_GAMMA;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** A number from 0 to {@code bound} - 1, each as likely. */
    long below(long bound) {
        return Math.unsignedMultiplyHigh(next(), bound);
    }

    /** A number from 0 to {@code bound} - 1, 82 % of them in the first fifth: the eighth power of an even one. */
    long skewedBelow(long bound) {
        long u = next();
        for (int squared = 0; squared < 3; squared++) {
            u = Math.unsignedMultiplyHigh(u, u);
        }
        return Math.unsignedMultiplyHigh(u, bound);
    }
}
