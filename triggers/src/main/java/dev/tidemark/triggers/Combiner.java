package dev.tidemark.triggers;

import dev.tidemark.config.Expr.Aggregate;
import java.util.Arrays;

/**
 * One value of many members, kept up to date: each member has a leaf of a binary tree whose nodes combine the two below. Changing
 * one costs O(log n), or nothing when its value is what it was; nothing drifts, because a node is made anew of its two parts and
 * never corrected by a difference.
 *
 * <p>Members whose value is unknown (NaN) are left out; without any other the result is unknown. Not thread-safe. 16 bytes a
 * member.
 */
final class Combiner {

    private static final int FIRST_CAPACITY = 2;

    private final Aggregate aggregate;

    // A heap-shaped tree: the children of i are 2i and 2i+1, the leaves begin at capacity. NaN where nothing is below.
    private double[] tree = fresh(FIRST_CAPACITY);
    private int capacity = FIRST_CAPACITY;
    private int known;

    Combiner(Aggregate aggregate) {
        this.aggregate = aggregate;
    }

    /** Takes a member's value; NaN leaves it out. Members are numbered from 0, and numbers may be used again. */
    void set(int member, double value) {
        if (member >= capacity) {
            grow(member);
        }
        int at = capacity + member;
        double before = tree[at];
        if (Double.doubleToLongBits(before) == Double.doubleToLongBits(value)) {
            return;
        }
        known += (Double.isNaN(before) ? 0 : -1) + (Double.isNaN(value) ? 0 : 1);
        tree[at] = value;
        for (at /= 2; at >= 1; at /= 2) {
            tree[at] = combine(tree[2 * at], tree[2 * at + 1]);
        }
    }

    /** The combined value; of truths 1, 0 or NaN. */
    double value() {
        double all = tree[1];
        return known == 0
                ? Double.NaN
                : switch (aggregate) {
                    case SUM, MIN, MAX, COUNT, ANY, ALL -> all;
                    case MEAN -> all / known;
                };
    }

    private double combine(double a, double b) {
        if (Double.isNaN(a)) {
            return b;
        }
        if (Double.isNaN(b)) {
            return a;
        }
        return switch (aggregate) {
            case SUM, MEAN, COUNT -> a + b;
            case MIN, ALL -> Math.min(a, b);
            case MAX, ANY -> Math.max(a, b);
        };
    }

    private void grow(int member) {
        int before = capacity;
        double[] leaves = tree;
        while (capacity <= member) {
            capacity *= 2;
        }
        tree = fresh(capacity);
        System.arraycopy(leaves, before, tree, capacity, before);
        for (int at = capacity - 1; at >= 1; at--) {
            tree[at] = combine(tree[2 * at], tree[2 * at + 1]);
        }
    }

    private static double[] fresh(int capacity) {
        double[] tree = new double[2 * capacity];
        Arrays.fill(tree, Double.NaN);
        return tree;
    }
}
