package dev.tidemark.testkit;

import dev.tidemark.config.Analysis;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.PolicyFile;
import java.nio.file.Path;

/**
 * A policy file that has not met its host yet: sizes such as {@code 10%} are of the memory of the host it will run on. Immutable.
 */
public final class Policies {

    private final Source source;

    Policies(Source source) {
        this.source = source;
    }

    /** From the text of a policy file. */
    public static Policies yaml(String text) {
        return new Policies(new Source("policy.yaml", text));
    }

    /**
     * From a policy file.
     *
     * @param path a relative one is from where the test runs, with Maven and Gradle the module's folder
     */
    public static Policies file(String path) {
        return new Policies(Source.file(Path.of(path)));
    }

    /**
     * From a policy file on the class path.
     *
     * @param near the class beside which it lies
     * @param name from the package of that class; with a leading slash from the root of the class path. Those that ship with
     *     Tidemark are {@code /policies/...}
     */
    public static Policies resource(Class<?> near, String name) {
        return new Policies(Source.resource(near, name));
    }

    /**
     * The file as an agent takes it: refused also for what {@code tidemark check} proves to be an error.
     *
     * @throws IllegalArgumentException with all problems, each with its place
     */
    public PolicyFile on(HostMemory host) {
        return Source.valid(Analysis.parse(source.name(), source.text(), host)).file();
    }

    /** The file's name. */
    @Override
    public String toString() {
        return source.name();
    }
}
