package dev.tidemark.agent.explain;

import dev.tidemark.config.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A policy as text for a terminal. */
final class TextView {
    static final int COLUMNS = 100;
    private static final String INDENT = "  ";
    private static final int HEADING = 12;
    private static final int NARROWEST = 24;

    private final StringBuilder out = new StringBuilder();

    String of(Policy policy) {
        out.append("policy ").append(policy.name()).append('\n');
        heading("acts on", List.of(Words.globs(policy.cgroups())));
        if (!policy.exclude().isEmpty()) {
            heading("but not", List.of(Words.globs(policy.exclude())));
        }
        heading("decided by", List.of(Words.decidedBy(policy)));
        heading("reads", List.of(Words.reading(policy)));
        feeds(Feed.of(policy));
        tree("START", Shape.of(policy.start()), Shape::label);
        tree("STOP", Shape.of(policy.stop()), Shape::label);
        states(Words.steps(policy));
        heading(Words.does(policy.action()), Words.action(policy.action()));
        heading("limits", Words.limits(policy));
        heading("guards", Words.guards(policy));
        return out.toString();
    }

    void heading(String word, List<String> lines) {
        boolean first = true;
        for (String line : lines) {
            for (String part : wrapped(line, COLUMNS - HEADING - INDENT.length())) {
                out.append(INDENT)
                        .append((first ? word : "").concat(" ".repeat(HEADING)), 0, HEADING)
                        .append(part)
                        .append('\n');
                first = false;
            }
        }
    }

    private void feeds(List<Feed> feeds) {
        int width = feeds.stream().mapToInt(feed -> feed.place().length()).max().orElse(0);
        int column = Math.min(width, COLUMNS / 2) + 2;
        for (Feed feed : feeds) {
            String place = feed.place();
            List<String> names = wrapped(
                    String.join(", ", feed.names()),
                    Math.max(NARROWEST, COLUMNS - HEADING - INDENT.length() - 2 - column));
            for (int i = 0; i < names.size(); i++) {
                String before = i == 0 ? place : "";
                out.append(INDENT)
                        .append(" ".repeat(HEADING))
                        .append(before)
                        .append(" ".repeat(Math.max(2, column - before.length())))
                        .append(names.get(i))
                        .append('\n');
            }
        }
    }

    /** @param label what to print for a part */
    void tree(String word, Shape shape, Function<Shape, String> label) {
        String head = INDENT + word + " ".repeat(HEADING - word.length());
        branch(shape, head, INDENT + " ".repeat(HEADING), label);
    }

    private void branch(Shape shape, String head, String rest, Function<Shape, String> label) {
        boolean more = !shape.parts().isEmpty();
        List<String> lines = wrapped(label.apply(shape), Math.max(NARROWEST, COLUMNS - head.length() - 2));
        for (int i = 0; i < lines.size(); i++) {
            out.append(i == 0 ? head : more ? rest + "│   " : rest + "  ")
                    .append(lines.get(i))
                    .append('\n');
        }
        for (int i = 0; i < shape.parts().size(); i++) {
            boolean last = i == shape.parts().size() - 1;
            branch(shape.parts().get(i), rest + (last ? "└─ " : "├─ "), rest + (last ? "   " : "│  "), label);
        }
    }

    private void states(List<Words.Step> steps) {
        List<String> lines = new ArrayList<>();
        for (Words.Step step : steps) {
            lines.add("%-8s -> %-8s  %s".formatted(step.from(), step.to(), step.when()));
        }
        heading("states", lines);
    }

    String text() {
        return out.toString();
    }

    /** The text in lines of at most so many characters, broken at blanks; a longer word stays whole. */
    static List<String> wrapped(String text, int columns) {
        if (text.length() <= columns) {
            return List.of(text);
        }
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > columns) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
