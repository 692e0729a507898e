package dev.tidemark.config;

import dev.tidemark.config.GlobComponent.Any;
import dev.tidemark.config.GlobComponent.Part;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What some globs match, as an automaton over the characters of a path. Sets of states are closed: what a state becomes without a
 * character is in the set too, and always has the higher number.
 *
 * <p>A component has at least one character, as the name of a cgroup has.
 */
final class AnalysisAutomaton {
    /**
     * @param first for a place between components: the state in which the next one begins, otherwise -1
     * @param part what takes the next character and leads to the state after this; null where only a slash goes on
     * @param slash the state that a slash leads to, or -1
     * @param accepts whether a path may end here
     */
    private record State(int first, @Nullable Part part, int slash, boolean accepts, boolean anyDepth) {}

    private static final int NONE = -1;

    private final List<State> states = new ArrayList<>();
    private final BitSet starts = new BitSet();
    private final boolean filled;

    /** @param filled whether each {@code *} within a name is to stand for something: that is less than the globs match */
    AnalysisAutomaton(List<CgroupGlob> globs, boolean filled) {
        this.filled = filled;
        globs.stream().flatMap(glob -> glob.alternatives().stream()).forEach(path -> add(path.components()));
        close(starts);
    }

    private void add(List<GlobComponent> path) {
        starts.set(states.size());
        for (int i = 0; i < path.size(); i++) {
            GlobComponent component = path.get(i);
            boolean last = endsAfter(path, i + 1);
            int between = states.size();
            if (component == GlobComponent.ANY_DEPTH) {
                states.add(new State(between + 1, null, NONE, false, true));
                states.add(new State(NONE, Any.INSTANCE, between, last, true));
            } else {
                int next = between + component.parts().size() + 2;
                states.add(new State(between + 1, null, NONE, false, false));
                component.parts().forEach(part -> states.add(new State(NONE, part, NONE, false, false)));
                states.add(new State(NONE, null, next, last, false));
            }
        }
        // Where a path with one component too many would go on: nowhere.
        states.add(new State(NONE, null, NONE, false, false));
    }

    private static boolean endsAfter(List<GlobComponent> path, int components) {
        return path.subList(components, path.size()).stream().allMatch(it -> it == GlobComponent.ANY_DEPTH);
    }

    List<Part> parts() {
        List<Part> parts = new ArrayList<>();
        for (State state : states) {
            if (state.part != null) {
                parts.add(state.part);
            }
        }
        return parts;
    }

    BitSet start() {
        return (BitSet) starts.clone();
    }

    boolean accepts(BitSet from) {
        return from.stream().anyMatch(it -> states.get(it).accepts);
    }

    BitSet step(BitSet from, int point) {
        BitSet to = new BitSet();
        if (point == '/') {
            from.stream()
                    .map(it -> states.get(it).slash)
                    .filter(it -> it != NONE)
                    .forEach(to::set);
        } else {
            BitSet inside = (BitSet) from.clone();
            from.stream()
                    .map(it -> states.get(it).first)
                    .filter(it -> it != NONE)
                    .forEach(inside::set);
            close(inside);
            inside.stream().forEach(it -> step(it, point, to));
        }
        close(to);
        return to;
    }

    private void step(int at, int point, BitSet to) {
        @Nullable Part part = states.get(at).part;
        if (part == Any.INSTANCE) {
            to.set(at);
            if (filled && !states.get(at).anyDepth) {
                to.set(at + 1);
            }
        } else if (part != null && part.takes(point)) {
            to.set(at + 1);
        }
    }

    private void close(BitSet set) {
        for (int at = set.nextSetBit(0); at >= 0; at = set.nextSetBit(at + 1)) {
            State state = states.get(at);
            boolean betweenAnyDepth = state.anyDepth && state.first != NONE;
            if (betweenAnyDepth) {
                // It may stand for no component at all.
                set.set(at + 2);
            } else if (state.part == Any.INSTANCE && !state.anyDepth && !filled) {
                set.set(at + 1);
            }
        }
    }
}
