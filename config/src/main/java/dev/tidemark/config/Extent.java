package dev.tidemark.config;

import org.jspecify.annotations.Nullable;

/**
 * How large an expression is with all names written out. Bounded, because what is read in a moment may be evaluated for ten thousand
 * cgroups a second, and because evaluating goes as deep as it nests, on small stacks.
 *
 * @param parts how many nodes it has
 * @param depth how many are inside one another
 */
record Extent(int parts, int depth) {
    static final int MAX_PARTS = 1000;
    static final int MAX_DEPTH = 128;

    static final Extent LEAF = new Extent(1, 1);

    /** Names are not descended into, so this takes time linear in what is written. */
    static Extent of(Expr expr, Lets lets) {
        if (expr instanceof Expr.Named named) {
            Extent body = lets.extent(named.name());
            return new Extent(body.parts + 1, body.depth + 1);
        }
        int parts = 1;
        int depth = 0;
        for (Expr child : expr.children()) {
            Extent extent = of(child, lets);
            parts += extent.parts;
            depth = Math.max(depth, extent.depth);
        }
        return new Extent(parts, depth + 1);
    }

    /** What is wrong with it, or null. */
    @Nullable
    String problem() {
        if (parts > MAX_PARTS) {
            return "this has %d parts with all names written out; at most %d are possible".formatted(parts, MAX_PARTS);
        }
        return depth > MAX_DEPTH
                ? "this has %d parts inside one another with all names written out; at most %d are possible"
                        .formatted(depth, MAX_DEPTH)
                : null;
    }
}
