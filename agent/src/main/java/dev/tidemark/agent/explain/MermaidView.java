package dev.tidemark.agent.explain;

import dev.tidemark.config.Policy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Policies as a Mermaid flowchart: one subgraph each, files at the left, reclaim at the right. */
final class MermaidView {
    private final StringBuilder out = new StringBuilder();
    private int ids;

    String of(List<Policy> policies) {
        out.append("flowchart LR\n");
        policies.forEach(this::policy);
        return out.toString();
    }

    private void policy(Policy policy) {
        String group = id();
        out.append("  subgraph ")
                .append(group)
                .append('[')
                .append(quoted("policy " + policy.name()))
                .append("]\n");
        out.append("    direction LR\n");
        List<Feed> feeds = Feed.of(policy);
        Map<Feed, String> files = new HashMap<>();
        for (Feed feed : feeds) {
            files.put(feed, node("[(", feed.place(), ")]"));
        }
        String start = node("{{", "START", "}}");
        String stop = node("{{", "STOP", "}}");
        edge(tree(Shape.of(policy.start()), feeds, files), "", start);
        edge(tree(Shape.of(policy.stop()), feeds, files), "", stop);
        states(policy, start, stop);
        out.append("  end\n");
    }

    private String tree(Shape shape, List<Feed> feeds, Map<Feed, String> files) {
        boolean leaf = shape.parts().isEmpty();
        String self = leaf ? node("[", shape.label(), "]") : node("([", shape.label(), "])");
        for (Shape part : shape.parts()) {
            edge(tree(part, feeds, files), "", self);
        }
        if (leaf) {
            for (Feed read : Feed.of(List.of(shape.expr()))) {
                feeds.stream()
                        .filter(feed -> feed.place().equals(read.place()))
                        .findFirst()
                        .ifPresent(feed -> edge(files.getOrDefault(feed, self), String.join(", ", read.names()), self));
            }
        }
        return self;
    }

    private void states(Policy policy, String start, String stop) {
        Map<String, String> states = new HashMap<>();
        for (Words.Step step : Words.steps(policy)) {
            String from = states.computeIfAbsent(step.from(), it -> node("(", it, ")"));
            String to = states.computeIfAbsent(step.to(), it -> node("(", it, ")"));
            edge(from, step.when(), to);
        }
        String active = states.getOrDefault("active", start);
        edge(start, "", active);
        edge(stop, "", states.getOrDefault("stopping", stop));
        List<String> does = new ArrayList<>(Words.action(policy.action()));
        does.addAll(Words.limits(policy));
        does.addAll(Words.guards(policy));
        String work = node("[[", String.join("\n", does), "]]");
        edge(active, "acts on " + Words.globs(policy.cgroups()), work);
    }

    private String node(String open, String label, String close) {
        String id = id();
        out.append("    ")
                .append(id)
                .append(open)
                .append(quoted(label))
                .append(close)
                .append('\n');
        return id;
    }

    private void edge(String from, String label, String to) {
        out.append("    ").append(from).append(" -->");
        if (!label.isEmpty()) {
            out.append('|').append(quoted(label)).append('|');
        }
        out.append(' ').append(to).append('\n');
    }

    private String id() {
        return "n" + ids++;
    }

    /** Everything that Mermaid or the HTML it makes could take for its own is written as a character's number. */
    static String quoted(String label) {
        StringBuilder quoted = new StringBuilder("\"");
        label.codePoints().forEach(point -> {
            boolean plain = Character.isLetterOrDigit(point) || " .,:()/%*?+-_=!".indexOf(point) >= 0;
            if (point == '\n') {
                quoted.append("<br/>");
            } else if (plain) {
                quoted.appendCodePoint(point);
            } else {
                quoted.append('#').append(point).append(';');
            }
        });
        return quoted.append('"').toString();
    }
}
