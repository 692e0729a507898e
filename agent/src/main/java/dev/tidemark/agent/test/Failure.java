package dev.tidemark.agent.test;

import dev.tidemark.config.Expectation.Pair;
import dev.tidemark.config.Span;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where what was expected and what was seen differ.
 *
 * @param place in the test file
 * @param when how the time is told: {@code at 6s}, {@code 5s to 10s}
 * @param from where on the time line begins what is spoken of
 * @param to where it ends
 * @param at where what was expected and what was seen part
 * @param pair the policy and cgroup it is about; empty for signals
 * @param subject the same for people
 * @param expected one line
 * @param seen one line
 * @param why lines that explain it, perhaps none
 */
record Failure(
        Span place,
        String when,
        Duration from,
        Duration to,
        Duration at,
        Optional<Pair> pair,
        String subject,
        String expected,
        String seen,
        List<String> why) {
    Failure {
        why = List.copyOf(why);
    }
}
