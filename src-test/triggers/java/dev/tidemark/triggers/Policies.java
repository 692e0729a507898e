package dev.tidemark.triggers;

import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.Policy;
import dev.tidemark.config.PolicyFile;
import java.util.List;

/** Policies as an operator would write them. */
final class Policies {

    private static final HostMemory HOST = new HostMemory(4L << 30, 4096);

    private Policies() {}

    /** A policy for every cgroup. */
    static Policy policy(String start, String stop, String... more) {
        return named("test", start, stop, more);
    }

    /** @param more further lines of the policy, such as {@code cooldown: 5s} */
    static Policy named(String name, String start, String stop, String... more) {
        StringBuilder text = new StringBuilder("version: 1\npolicies:\n");
        text.append("  - name: ").append(name).append('\n');
        text.append("    cgroups: [\"**\"]\n");
        text.append("    start: ").append(start).append('\n');
        text.append("    stop: ").append(stop).append('\n');
        for (String line : more) {
            text.append("    ").append(line).append('\n');
        }
        return parse(text).getFirst();
    }

    /** Policies as lines of the file, the first of each beginning with a dash. */
    static Policy[] file(List<String> lines) {
        StringBuilder text = new StringBuilder("version: 1\npolicies:\n");
        lines.forEach(line -> text.append("  ").append(line).append('\n'));
        return parse(text).toArray(Policy[]::new);
    }

    private static List<Policy> parse(CharSequence text) {
        return switch (PolicyFile.parse("test.yaml", text.toString(), HOST)) {
            case Checked.Valid<PolicyFile>(PolicyFile file) -> file.policies();
            case Checked.Invalid<PolicyFile>(var problems) -> throw new AssertionError(problems + "\n" + text);
        };
    }
}
