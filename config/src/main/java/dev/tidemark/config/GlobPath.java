package dev.tidemark.config;

import java.util.List;

/** One alternative of a glob: components, where {@link GlobComponent#ANY_DEPTH} takes any number of them. */
final class GlobPath {
    /** The states of a match are bits of a long. */
    static final int MAX_COMPONENTS = 62;

    private final List<GlobComponent> components;

    GlobPath(List<GlobComponent> components) {
        this.components = components;
    }

    List<GlobComponent> components() {
        return components;
    }

    boolean matches(String[] path) {
        return (states(path) & accepted()) != 0;
    }

    /** Every state but the last can go on to it. */
    boolean reaches(String[] path) {
        return (states(path) & ~accepted()) != 0;
    }

    private long accepted() {
        return 1L << components.size();
    }

    /** Bit i is set when the path can be matched by the first i components. */
    private long states(String[] path) {
        long states = skipping(1L);
        for (String name : path) {
            long next = 0;
            for (int i = 0; i < components.size(); i++) {
                if (((states >>> i) & 1) != 0 && components.get(i).matches(name)) {
                    next |= components.get(i) == GlobComponent.ANY_DEPTH ? 1L << i : 1L << (i + 1);
                }
            }
            states = skipping(next);
        }
        return states;
    }

    private long skipping(long states) {
        long all = states;
        for (int i = 0; i < components.size(); i++) {
            if (((all >>> i) & 1) != 0 && components.get(i) == GlobComponent.ANY_DEPTH) {
                all |= 1L << (i + 1);
            }
        }
        return all;
    }
}
