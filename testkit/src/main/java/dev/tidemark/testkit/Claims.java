package dev.tidemark.testkit;

import java.util.function.Predicate;

/**
 * Of what something is said.
 *
 * @param description the user's own, may be empty
 * @param subject how sentences call it, such as {@code cgroup lab/writer}
 * @param about what of the time line has to do with it
 */
record Claims(Run run, String description, String subject, Predicate<Moment> about) {

    /** To be thrown. */
    AssertionError fails(String expecting, String but) {
        return Failures.failure(run, description, subject + " " + expecting, but, about);
    }

    static String times(long times) {
        return times == 1 ? "once" : times + " times";
    }
}
