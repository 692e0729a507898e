package dev.tidemark.triggers;

/**
 * A part of a compiled expression. Immutable and shared by all cgroups; what it must remember of one is in the {@link
 * Evaluation} at the offsets it was compiled with.
 *
 * <p>Truth is 1, 0 or NaN for unknown, after Kleene: what would be the same whichever the unknown turned out to be is
 * known. All sides are always stepped, because each may hold time. A step at an instant at which all is as it was at the step
 * before changes nothing and gives the same value, so that a part may stand in several places.
 *
 * <p>A new operator is one more implementation: {@link ProgramCompiler} hands it its state, it steps, and tells when it may
 * change by itself.
 */
interface Node {

    double TRUE = 1;
    double FALSE = 0;
    double UNKNOWN = Double.NaN;

    double NANOS_PER_SECOND = 1e9;

    /** The value now, given what has been observed since the last step. */
    double step(Evaluation e);

    /**
     * The value at the last step if every {@code for} that is counting were over. Changes nothing; only after {@link
     * #step} at the same instant.
     */
    double peek(Evaluation e);

    /** A truth as a number. */
    static double truth(boolean holds) {
        return holds ? TRUE : FALSE;
    }
}
