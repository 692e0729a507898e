package dev.tidemark.config;

import java.util.List;

/**
 * A whole policy file.
 *
 * @param policies at least one, in the file's order, with unique names
 * @param workqueue the bounds of the queue that serves them all
 * @param budget what the writes of all policies together may cost
 */
public record PolicyFile(List<Policy> policies, Workqueue workqueue, Budget budget) {
    public PolicyFile {
        policies = List.copyOf(policies);
    }

    /**
     * Reads a policy file. Pure and safe from any thread; never throws, whatever the text is.
     *
     * @param fileName how problems call the file
     * @param text what is in it
     * @param host what {@code 10%} and {@code 32pages} are resolved with
     * @return the file, or all problems in it sorted by place
     */
    public static Checked<PolicyFile> parse(String fileName, String text, HostMemory host) {
        return PolicyFileReader.read(fileName, text, host);
    }
}
