package dev.tidemark.config;

import org.jspecify.annotations.Nullable;

/** Reads policy files by {@link PolicyKeys}, and checks what holds of a file as a whole. */
final class PolicyFileReader {
    private PolicyFileReader() {}

    static Checked<PolicyFile> read(String fileName, String text, HostMemory host) {
        Problems problems = new Problems(new SourceText(fileName, text));
        @Nullable YamlNode root = YamlReader.read(problems);
        return problems.finish(root == null ? null : file(root, FileScope.of(problems, host)));
    }

    private static PolicyFile file(YamlNode root, FileScope scope) {
        PolicyFile file = PolicyKeys.FILE.read(root, "a policy file", scope);
        // Where something cannot be read, a name may be used after all.
        if (scope.problems().none()) {
            LetReader.checkUsed(scope);
        }
        return file;
    }
}
