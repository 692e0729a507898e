package dev.tidemark.config;

import java.util.List;

/**
 * A function that expressions may call by its name, added to the language through {@link java.util.ServiceLoader}: a jar on the
 * class path that provides this. {@code f(a, b)} is checked and evaluated like what is built in.
 *
 * <p><b>Thread:</b> one object serves all cgroups and must have no state of its own; what it must remember of one is in the
 * arrays it is handed. {@link #step} runs on the core thread: it must neither block nor allocate. <b>Failure:</b> what {@link
 * #step} throws makes the condition unknown for that step and is counted; other cgroups go on.
 */
public interface ExprFunction {

    /** By which expressions call it: lower-case letters, digits and {@code _}, and none of the language's own words. */
    String name();

    /** One clause for people: what it tells. */
    String description();

    /**
     * The unit of the result for arguments of these units.
     *
     * @throws IllegalArgumentException when they do not fit; the message, which says what was expected, is shown to the operator
     *     with the place
     */
    Unit check(List<Unit> arguments);

    /** How many numbers it remembers of a cgroup; they begin as NaN. */
    default int doubles() {
        return 0;
    }

    /** How many whole numbers it remembers of a cgroup; they begin as {@link Long#MIN_VALUE}. */
    default int longs() {
        return 0;
    }

    /**
     * The value now.
     *
     * @param arguments their values now; NaN when unknown
     * @param doubles the numbers it remembers
     * @param longs the whole numbers it remembers
     * @param nanos the instant; never goes back for one cgroup
     */
    double step(double[] arguments, double[] doubles, long[] longs, long nanos);
}
