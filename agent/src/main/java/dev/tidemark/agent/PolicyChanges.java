package dev.tidemark.agent;

import dev.tidemark.config.Policy;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Workqueue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * What a new policy file changes in one that runs: the names of its policies, each in the order of its file.
 *
 * @param added only in the new one
 * @param removed only in the old one
 * @param changed in both, but not the same
 * @param unchanged the same in both, wherever in the file
 * @param queueBefore the bounds of the workqueue until now
 * @param queue those of the new file
 * @param budget whether what all policies together may spend is another
 */
public record PolicyChanges(
        List<String> added,
        List<String> removed,
        List<String> changed,
        List<String> unchanged,
        Workqueue queueBefore,
        Workqueue queue,
        boolean budget) {
    public PolicyChanges {
        added = List.copyOf(added);
        removed = List.copyOf(removed);
        changed = List.copyOf(changed);
        unchanged = List.copyOf(unchanged);
    }

    static PolicyChanges between(PolicyFile before, PolicyFile after) {
        Map<String, Policy> old = new HashMap<>();
        before.policies().forEach(policy -> old.put(policy.name(), policy));
        List<String> added = new ArrayList<>();
        List<String> changed = new ArrayList<>();
        List<String> unchanged = new ArrayList<>();
        for (Policy policy : after.policies()) {
            Policy known = old.remove(policy.name());
            if (known == null) {
                added.add(policy.name());
            } else {
                (known.sameAs(policy) ? unchanged : changed).add(policy.name());
            }
        }
        List<String> removed = before.policies().stream()
                .map(Policy::name)
                .filter(old::containsKey)
                .toList();
        return new PolicyChanges(
                added,
                removed,
                changed,
                unchanged,
                before.workqueue(),
                after.workqueue(),
                !before.budget().equals(after.budget()));
    }

    /** Whether there is nothing to be done. */
    boolean none() {
        return added.isEmpty() && removed.isEmpty() && changed.isEmpty() && queue.equals(queueBefore) && !budget;
    }

    /** Whether the new file asks for what only a new process can give. */
    boolean needsRestart() {
        return queue.workers() != queueBefore.workers();
    }

    /** As pairs of a line for the log: names joined by commas, those that are the same only counted. */
    String told() {
        StringJoiner line = new StringJoiner(" ");
        names(line, "added", added);
        names(line, "removed", removed);
        names(line, "changed", changed);
        line.add("unchanged=" + unchanged.size());
        if (queue.length() != queueBefore.length()) {
            line.add("workqueue.length=" + queue.length());
        }
        if (budget) {
            line.add("limits=changed");
        }
        return line.toString();
    }

    private static void names(StringJoiner line, String key, List<String> names) {
        if (!names.isEmpty()) {
            line.add(key + '=' + String.join(",", names));
        }
    }
}
