package dev.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The deepest that can be written is read, printed and compared on a stack of 256 KiB, as the agent's threads have. */
class SmallStackTest {
    private static final int STACK = 256 << 10;

    static List<String> deepest() {
        return List.of(
                "usage > limit" + " or usage > limit".repeat(123),
                "usage > limit" + " and usage > limit".repeat(123),
                "usage > limit" + " for 1s".repeat(124),
                "usage > limit" + " hold 1s".repeat(124),
                "usage" + " + usage".repeat(120) + " > 0B",
                "usage" + " over 1s".repeat(120) + " > 0B",
                "usage > limit" + " then usage > limit within 1s".repeat(60),
                "(".repeat(32) + "usage > limit" + ")".repeat(32),
                "not ".repeat(32) + "usage > limit",
                "-".repeat(32) + "usage > limit",
                "max(".repeat(32) + "usage" + ", 1s)".repeat(32) + " > 0B",
                "smoothed(".repeat(32) + "usage" + ", 1s)".repeat(32) + " > 0B",
                "1 of (".repeat(32) + "usage > limit" + ")".repeat(32),
                "count(".repeat(32) + "usage > limit" + ", 1s) > 1".repeat(32),
                "(usage - (".repeat(16) + "usage" + "))".repeat(16) + " > 0B");
    }

    @ParameterizedTest
    @MethodSource("deepest")
    void expression(String text) {
        onSmallStack(() -> {
            Expr expr = Reading.expr(text);
            assertThat(Reading.expr(expr.toString()).sameAs(expr)).isTrue();
            assertThat(expr.hashCode()).isEqualTo(Reading.expr(text).hashCode());
        });
    }

    @Test
    void chainOfNames() {
        String lets = IntStream.rangeClosed(1, 62)
                .mapToObj(i -> "  n%d: not n%d\n".formatted(i, i - 1))
                .collect(Collectors.joining("", "version: 1\nlet:\n  n0: usage > 5MiB\n", ""));
        String file = lets + PolicyFileTest.SMALLEST.replace("version: 1\n", "").replace("usage > 80% of limit", "n62");

        onSmallStack(() -> {
            Policy policy = Reading.valid(file).policies().getFirst();
            assertThat(policy.start().toString()).endsWith("not usage > 5MiB");
            assertThat(policy.hashCode())
                    .isEqualTo(Reading.valid(file).policies().getFirst().hashCode());
        });
    }

    @Test
    void whatIsTooDeepIsToldThereToo() {
        onSmallStack(() -> {
            assertThat(Reading.exprProblems("(".repeat(400) + "usage")).containsExactly("33: nested more than 32 deep");
            assertThat(Reading.exprProblems("usage > limit" + " for 1s".repeat(240)))
                    .containsExactly(
                            "1: this has 242 parts inside one another with all names written out; at most 128 are possible");
        });
    }

    private static void onSmallStack(Runnable check) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        new Thread(
                        null,
                        () -> {
                            try {
                                check.run();
                                done.complete(null);
                            } catch (RuntimeException | Error e) {
                                done.completeExceptionally(e);
                            }
                        },
                        "small",
                        STACK)
                .start();
        done.join();
    }
}
