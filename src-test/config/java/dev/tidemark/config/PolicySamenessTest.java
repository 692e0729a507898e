package dev.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What counts as the same policy when a file is read anew. */
class PolicySamenessTest {

    private static final String TEXT = """
            version: 1
            policies:
              - name: batch
                cgroups: ["batch/*"]
                exclude: ["batch/no"]
                watch: ["web/*"]
                period: 2s
                start: usage > 9MiB for 1s
                stop: usage < 8MiB
                reclaim: { batch: 2MiB, writeback: 3MiB }
                limits: { floor: 1MiB }
                cooldown: 3s
                no_data: hold
            """;

    @Test
    void placesAndWritingDoNotCount() {
        assertThat(policy(TEXT).sameAs(policy(TEXT))).isTrue();
        assertThat(policy(TEXT).sameAs(policy("# moved\n\n" + TEXT))).isTrue();
        assertThat(policy(TEXT).sameAs(policy(TEXT.replace("usage > 9MiB for 1s", "( usage>9216KiB )  for 1000ms"))))
                .isTrue();
    }

    @Test
    void everythingElseDoes() {
        for (List<String> change : List.of(
                List.of("name: batch", "name: other"),
                List.of("batch/*", "batch/a*"),
                List.of("batch/no", "batch/not"),
                List.of("web/*", "web/a"),
                List.of("period: 2s", "period: 1s"),
                List.of("9MiB", "10MiB"),
                List.of("for 1s", "for 2s"),
                List.of("8MiB", "7MiB"),
                List.of("batch: 2MiB", "batch: 1MiB"),
                List.of("writeback: 3MiB", "writeback: 4MiB"),
                List.of("floor: 1MiB", "floor: 2MiB"),
                List.of("cooldown: 3s", "cooldown: 4s"),
                List.of("no_data: hold", "no_data: stop"))) {
            String changed = TEXT.replace(change.getFirst(), change.getLast());
            assertThat(policy(TEXT).sameAs(policy(changed)))
                    .as(change.toString())
                    .isFalse();
            assertThat(policy(changed).sameAs(policy(TEXT)))
                    .as(change.toString())
                    .isFalse();
        }
    }

    private static Policy policy(String text) {
        return Reading.valid(text).policies().getFirst();
    }
}
