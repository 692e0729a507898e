package dev.tidemark.config;

import java.io.IOException;
import java.util.List;

/**
 * A file of policy tests, with the policies and scenarios that it names.
 *
 * @param tests at least one, in the file's order
 */
public record PolicyTestFile(List<PolicyTest> tests) {
    public PolicyTestFile {
        tests = List.copyOf(tests);
    }

    /** How files that a test file names are had. */
    @FunctionalInterface
    public interface Neighbours {
        /**
         * What is in a file.
         *
         * @param path as the test file names it: relative to where that is
         * @throws IOException saying what is the matter with it, to follow its name
         */
        Neighbour read(String path) throws IOException;
    }

    /**
     * A file that a test file names.
     *
     * @param name how problems call it
     * @param text what is in it
     */
    public record Neighbour(String name, String text) {}

    /**
     * Reads a file of policy tests. Never throws, whatever the text is.
     *
     * @param fileName how problems call the file
     * @param text what is in it
     * @param neighbours called for each file that it names, once
     * @return the tests, or all problems in it sorted by place, followed by those of the files it names
     */
    public static Checked<PolicyTestFile> parse(String fileName, String text, Neighbours neighbours) {
        return PolicyTestReader.read(fileName, text, neighbours);
    }
}
