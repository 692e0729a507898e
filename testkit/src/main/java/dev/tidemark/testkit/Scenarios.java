package dev.tidemark.testkit;

import dev.tidemark.config.Scenario;
import java.nio.file.Path;

/**
 * Where scenarios come from: text, a file, a resource, or Java ({@link #host}).
 *
 * <p>Each throws {@link IllegalArgumentException} with all problems, each with its place, when the scenario is not in order.
 */
public final class Scenarios {

    private Scenarios() {}

    /** From the text of a scenario file. */
    public static Scenario yaml(String text) {
        return parse(new Source("scenario.yaml", text));
    }

    /**
     * From a scenario file.
     *
     * @param path a relative one is from where the test runs, with Maven and Gradle the module's folder
     */
    public static Scenario file(String path) {
        return parse(Source.file(Path.of(path)));
    }

    /**
     * From a scenario file on the class path.
     *
     * @param near the class beside which it lies
     * @param name from the package of that class; with a leading slash from the root of the class path
     */
    public static Scenario resource(Class<?> near, String name) {
        return parse(Source.resource(near, name));
    }

    /**
     * Begins one in Java.
     *
     * @param memory of the host, such as {@code 2GiB}
     */
    public static ScenarioBuilder host(String memory) {
        return new ScenarioBuilder(new ScenarioBuilder.Draft(memory));
    }

    static Scenario parse(Source source) {
        return Source.valid(Scenario.parse(source.name(), source.text()));
    }
}
