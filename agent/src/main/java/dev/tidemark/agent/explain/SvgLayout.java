package dev.tidemark.agent.explain;

import dev.tidemark.config.Expr;
import dev.tidemark.config.Policy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Places the boxes of one policy in columns: files, leaves, operators by their height in the tree, START and STOP, states, and what
 * is done. No two boxes overlap: within a column each lies below the one before, and a tree's parts have rows of their own.
 *
 * <p>Text is monospaced, so that its width is known without a font.
 */
final class SvgLayout {
    static final double CHARACTER = 7.4;
    static final double LINE = 16;
    private static final int LONGEST_LINE = 40;
    static final double PAD = 10;
    private static final double GAP = 14;
    private static final double COLUMN_GAP = 56;
    private static final double STATE_GAP = 54;

    /** A box with its text. */
    record Box(String kind, String title, List<String> lines, double x, double y, double width, double height) {
        double middle() {
            return y + height / 2;
        }

        double right() {
            return x + width;
        }
    }

    /** From one box to another; a label stands beside it. */
    record Line(Box from, Box to, String label) {}

    /** A part of a tree, before its column is known. */
    private record Part(Shape shape, int height, List<Part> parts, List<String> lines) {}

    final List<Box> boxes = new ArrayList<>();
    final List<Line> lines = new ArrayList<>();
    final List<Line> states = new ArrayList<>();
    double width;
    double bottom;

    private final Policy policy;
    private final List<Feed> feeds;
    private final Map<Integer, Double> columns = new HashMap<>();
    private final Map<Feed, List<Box>> readers = new HashMap<>();

    SvgLayout(Policy policy, double top) {
        this.policy = policy;
        this.feeds = Feed.of(policy);
        this.bottom = top;
        place(top);
    }

    private void place(double top) {
        Part start = part(Shape.of(policy.start()));
        Part stop = part(Shape.of(policy.stop()));
        int roots = Math.max(start.height, stop.height);
        double x = feedsWidth() + (feeds.isEmpty() ? 0 : COLUMN_GAP);
        for (int column = 0; column <= roots; column++) {
            columns.put(column, x);
            x += Math.max(widest(start, column), widest(stop, column)) + COLUMN_GAP;
        }
        double stopTop = top + extent(start) + 3 * GAP;
        Box startRoot = put(start, top);
        Box stopRoot = put(stop, stopTop);
        double treesBottom = stopTop + extent(stop);
        Box startBox = add("condition", "START", List.of("START"), x, startRoot.middle());
        Box stopBox = add("condition", "STOP", List.of("STOP"), x, stopRoot.middle());
        lines.add(new Line(startRoot, startBox, ""));
        lines.add(new Line(stopRoot, stopBox, ""));
        placeFeeds(top, treesBottom);
        double right = placeStates(startBox.right() + COLUMN_GAP * 1.5, top, startBox, stopBox);
        bottom = boxes.stream().mapToDouble(box -> box.y + box.height).max().orElse(top);
        width = right;
    }

    private static Part part(Shape shape) {
        List<Part> parts = shape.parts().stream().map(SvgLayout::part).toList();
        int height = parts.stream().mapToInt(it -> it.height + 1).max().orElse(0);
        return new Part(shape, height, parts, TextView.wrapped(shape.label(), LONGEST_LINE));
    }

    private static double widest(Part part, int column) {
        double own = part.height == column ? boxWidth(part.lines) : 0;
        return Math.max(
                own,
                part.parts.stream().mapToDouble(it -> widest(it, column)).max().orElse(0));
    }

    /** How much height a part takes with all below it. */
    private static double extent(Part part) {
        double below = part.parts.stream().mapToDouble(it -> extent(it) + GAP).sum() - (part.parts.isEmpty() ? 0 : GAP);
        return Math.max(below, boxHeight(part.lines));
    }

    private Box put(Part part, double top) {
        double below = part.parts.stream().mapToDouble(it -> extent(it) + GAP).sum() - (part.parts.isEmpty() ? 0 : GAP);
        double at = top + (extent(part) - Math.max(0, below)) / 2;
        List<Box> children = new ArrayList<>();
        for (Part child : part.parts) {
            children.add(put(child, at));
            at += extent(child) + GAP;
        }
        double middle = children.isEmpty()
                ? top + extent(part) / 2
                : (children.getFirst().middle() + children.getLast().middle()) / 2;
        double half = boxHeight(part.lines) / 2;
        middle = Math.clamp(middle, top + half, top + extent(part) - half);
        Box box = add(
                children.isEmpty() ? "leaf" : "operator",
                part.shape.expr().toString(),
                part.lines,
                columns.getOrDefault(part.height, 0.0),
                middle);
        children.forEach(child -> lines.add(new Line(child, box, "")));
        if (children.isEmpty()) {
            leaf(part.shape.expr(), box);
        }
        return box;
    }

    private void leaf(Expr expr, Box box) {
        for (Feed read : Feed.of(List.of(expr))) {
            for (Feed feed : feeds) {
                if (feed.place().equals(read.place())) {
                    readers.computeIfAbsent(feed, _ -> new ArrayList<>()).add(box);
                }
            }
        }
    }

    private double feedsWidth() {
        return feeds.stream()
                .mapToDouble(feed -> boxWidth(feedLines(feed)))
                .max()
                .orElse(0);
    }

    private static List<String> feedLines(Feed feed) {
        List<String> text = new ArrayList<>(TextView.wrapped(feed.place(), LONGEST_LINE));
        feed.names().forEach(name -> text.add("  " + name));
        return text;
    }

    /** Each beside the middle of its readers where there is room, in that order, one below the other. */
    private void placeFeeds(double top, double treesBottom) {
        List<Feed> order = new ArrayList<>(feeds);
        order.sort((a, b) -> Double.compare(wanted(a), wanted(b)));
        double total = order.stream()
                .mapToDouble(feed -> boxHeight(feedLines(feed)) + GAP)
                .sum();
        double y = top + Math.max(0, (treesBottom - top - total) / 2);
        for (Feed feed : order) {
            double height = boxHeight(feedLines(feed));
            // All as wide as the widest, so that no line that leaves one runs over another.
            Box box = new Box("file", feed.place(), feedLines(feed), 0, y, feedsWidth(), height);
            boxes.add(box);
            readers.getOrDefault(feed, List.of()).forEach(reader -> lines.add(new Line(box, reader, "")));
            y += height + GAP;
        }
    }

    private double wanted(Feed feed) {
        return readers.getOrDefault(feed, List.of()).stream()
                .mapToDouble(Box::middle)
                .average()
                .orElse(0);
    }

    private double placeStates(double x, double top, Box start, Box stop) {
        List<Words.Step> steps = Words.steps(policy);
        Map<String, Box> placed = new HashMap<>();
        double y = top + boxHeight(List.of("")) / 2;
        double stateWidth = boxWidth(List.of("cooldown"));
        for (String state : List.of("inactive", "pending", "active", "stopping", "cooldown")) {
            boolean known = steps.stream()
                    .anyMatch(it -> it.from().equals(state) || it.to().equals(state));
            if (known) {
                Box box = new Box(
                        state.equals("active") ? "active" : "state",
                        "state " + state,
                        List.of(state),
                        x,
                        y - boxHeight(List.of(state)) / 2,
                        stateWidth,
                        boxHeight(List.of(state)));
                boxes.add(box);
                placed.put(state, box);
                y += boxHeight(List.of(state)) + STATE_GAP;
            }
        }
        double right = x + stateWidth;
        for (Words.Step step : steps) {
            Box from = placed.getOrDefault(step.from(), start);
            Box to = placed.getOrDefault(step.to(), stop);
            if (to.y > from.y) {
                states.add(new Line(from, to, step.when()));
                right = Math.max(right, x + stateWidth / 2 + 8 + step.when().length() * CHARACTER);
            } else {
                states.add(new Line(from, to, ""));
            }
        }
        lines.add(new Line(start, placed.getOrDefault("active", start), ""));
        lines.add(new Line(stop, placed.getOrDefault("stopping", stop), ""));
        return placeWork(right + COLUMN_GAP, placed.getOrDefault("active", start));
    }

    private double placeWork(double x, Box active) {
        List<String> text = new ArrayList<>(List.of("acts on"));
        policy.cgroups().forEach(glob -> text.add("  " + glob.pattern()));
        policy.exclude().forEach(glob -> text.add("  but not " + glob.pattern()));
        for (String line : Words.action(policy.action())) {
            text.addAll(TextView.wrapped(line, LONGEST_LINE));
        }
        for (String line : Words.limits(policy)) {
            text.addAll(TextView.wrapped(line, LONGEST_LINE));
        }
        for (String line : Words.guards(policy)) {
            text.addAll(TextView.wrapped(line, LONGEST_LINE));
        }
        double height = boxHeight(text);
        Box work = new Box(
                "work",
                Words.does(policy.action()),
                text,
                x,
                Math.max(0, active.middle() - height / 2),
                boxWidth(text),
                height);
        boxes.add(work);
        lines.add(new Line(active, work, ""));
        return work.right();
    }

    private Box add(String kind, String title, List<String> text, double x, double middle) {
        double height = boxHeight(text);
        Box box = new Box(kind, title, List.copyOf(text), x, middle - height / 2, boxWidth(text), height);
        boxes.add(box);
        return box;
    }

    private static double boxWidth(List<String> text) {
        return text.stream().mapToInt(String::length).max().orElse(0) * CHARACTER + 2 * PAD;
    }

    private static double boxHeight(List<String> text) {
        return text.size() * LINE + PAD;
    }
}
