package dev.tidemark.triggers;

/**
 * What a window is over.
 *
 * @param slot where the value is when it is a signal of the cgroup itself, as it mostly is; otherwise -1
 */
record Operand(Node node, Inputs inputs, int slot) {

    double step(Evaluation e) {
        return slot >= 0 ? e.value(slot) : node.step(e);
    }

    double peek(Evaluation e) {
        return slot >= 0 ? e.value(slot) : node.peek(e);
    }

    /** When the value was last sampled. */
    long newest(Evaluation e) {
        return slot >= 0 ? e.observed[slot] : inputs.newest(e);
    }

    /** Samples this far apart have nothing to do with each other. */
    long gap(Evaluation e) {
        return slot >= 0 ? e.staleAfter : inputs.gap(e);
    }
}
