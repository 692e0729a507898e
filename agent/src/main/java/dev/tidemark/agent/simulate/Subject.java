package dev.tidemark.agent.simulate;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A cgroup, or the host, as one run has left it.
 *
 * @param path of the cgroup; empty for the host
 * @param measured all measures; NaN for what is unknown, or is not told of the host
 * @param marks where conditions of policies that look at it lie
 * @param policies names of those that act on it, in the file's order
 * @param course what there was over time, when it was asked for; its channels of states are in the order of {@code policies}
 */
record Subject(
        String path,
        Map<Measure, Double> measured,
        List<Watermark> marks,
        List<String> policies,
        Optional<Course> course) {
    Subject {
        measured = Collections.unmodifiableMap(new EnumMap<>(measured));
        marks = List.copyOf(marks);
        policies = List.copyOf(policies);
    }

    double measured(Measure measure) {
        return measured.getOrDefault(measure, Double.NaN);
    }
}
