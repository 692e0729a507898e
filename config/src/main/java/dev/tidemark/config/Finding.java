package dev.tidemark.config;

/**
 * What {@link Analysis} has proved of a policy that is written correctly and yet does not do what its author can have meant.
 *
 * @param severity whether the policy may run
 * @param policy the name of the policy it is about; of two, the later one in the file
 * @param span where
 * @param message what was found, why, and what to do about it; one line
 */
public record Finding(Severity severity, String policy, Span span, String message) {

    /** How bad it is. */
    public enum Severity {
        /** The policy can do no good as it is written: it is not run. */
        ERROR,
        /** The policy runs, but a part of it is without effect, or it works against itself or another. */
        WARNING
    }

    /**
     * This as a problem of the file, to be shown with the line and a caret.
     *
     * @param fileName how the file is called
     * @param text the text that was analysed
     */
    public Problem problem(String fileName, String text) {
        return problem(new SourceText(fileName, text));
    }

    Problem problem(SourceText source) {
        return source.problem(span, severity == Severity.WARNING ? "warning: " + message : message);
    }
}
