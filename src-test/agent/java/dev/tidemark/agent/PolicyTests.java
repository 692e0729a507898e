package dev.tidemark.agent;

import dev.tidemark.agent.test.PolicyTestRun;
import dev.tidemark.agent.test.Stage;
import dev.tidemark.agent.test.Verdict;
import dev.tidemark.config.Checked;
import dev.tidemark.config.PolicyTest;
import dev.tidemark.config.PolicyTestFile;
import dev.tidemark.config.PolicyTestFile.Neighbour;
import dev.tidemark.config.Problem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What tests of policy tests share: short ways to run them. */
public final class PolicyTests {

    /** How test files are called in reports. */
    public static final String FILE = "a.test.yaml";

    private PolicyTests() {}

    /** The tests of a file that must be right. */
    public static List<PolicyTest> read(String text, Map<String, String> files) {
        return switch (parse(text, files)) {
            case Checked.Valid<PolicyTestFile>(PolicyTestFile file) -> file.tests();
            case Checked.Invalid<PolicyTestFile>(List<Problem> problems) ->
                throw new AssertionError(
                        String.join("\n", problems.stream().map(Problem::render).toList()));
        };
    }

    public static Checked<PolicyTestFile> parse(String text, Map<String, String> files) {
        return PolicyTestFile.parse(FILE, text, path -> {
            String found = files.get(path);
            if (found == null) {
                throw new IOException("there is no such file");
            }
            return new Neighbour(path, found);
        });
    }

    /** How a test ends. */
    public static Verdict run(PolicyTest test) {
        return run(test, new ArrayList<>());
    }

    /**
     * How a test ends.
     *
     * @param complaints takes what the agent complains of
     */
    public static Verdict run(PolicyTest test, List<String> complaints) {
        try (Stage stage = TestStage.of(test, complaints::add)) {
            return PolicyTestRun.of(test, stage);
        }
    }
}
