package dev.tidemark.testkit;

import java.util.function.Predicate;
import org.opentest4j.AssertionFailedError;

/** The wording of failed assertions. */
final class Failures {

    private Failures() {}

    /**
     * @param description what the user says it is about; may be empty
     * @param expecting what was expected, as it follows on "Expecting"
     * @param but what was there instead, as it follows on "but"
     * @param wanted what of the time line has to do with it
     */
    static AssertionFailedError failure(
            Run run, String description, String expecting, String but, Predicate<Moment> wanted) {
        return new AssertionFailedError((description.isEmpty() ? "" : "[" + description + "] ") + "Expecting "
                + expecting + "\nbut " + but + ".\n\nWhat happened, in the " + run + ":" + run.timeline(wanted));
    }

    /**
     * Of two runs.
     *
     * @param other what the run is compared with
     */
    static AssertionFailedError failure(
            Run run, String description, String expecting, String but, Run other, Predicate<Moment> wanted) {
        return new AssertionFailedError(failure(run, description, expecting, but, wanted)
                        .getMessage() + "\n\nand in the " + other + ":" + other.timeline(wanted));
    }
}
