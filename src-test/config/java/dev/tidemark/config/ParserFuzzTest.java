package dev.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/**
 * Whatever a file holds, reading it ends with a value or with problems that have a place, and a value prints as text that reads
 * back as the same. In a build this runs the corpus; {@code src-test/fuzz/run} looks for more.
 */
class ParserFuzzTest {
    @FuzzTest
    void policyFile(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        Checked<PolicyFile> checked = PolicyFile.parse("f", text, Reading.HOST);

        Placed.assertPlaced(text, checked);
        if (checked instanceof Checked.Valid<PolicyFile>(PolicyFile file)) {
            for (Policy policy : file.policies()) {
                readsBack(policy.start());
                readsBack(policy.stop());
            }
        }
    }

    @FuzzTest
    void expression(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (Reading.exprProblems(text).isEmpty()) {
            readsBack(Reading.expr(text));
        }
    }

    /** With names written out, a text may be longer than any that is read; a short one reads back. */
    private static void readsBack(Expr expr) {
        String printed = expr.toString();
        if (printed.length() < 500) {
            assertThat(Reading.expr(printed)).hasToString(printed);
        }
    }
}
