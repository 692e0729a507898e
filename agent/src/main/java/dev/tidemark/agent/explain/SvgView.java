package dev.tidemark.agent.explain;

import dev.tidemark.agent.explain.SvgLayout.Box;
import dev.tidemark.agent.explain.SvgLayout.Line;
import dev.tidemark.agent.xml.Xml;
import dev.tidemark.config.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/** Policies as one SVG picture, one below the other. */
final class SvgView {
    private static final double MARGIN = 24;
    private static final double HEADING = 64;

    /** How far before its target a line leaves its level. */
    private static final double BEND = 48;

    private static final String STYLE = """
            <style>
              text { font: 12px "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1c2430; }
              .title { font-size: 16px; font-weight: bold; }
              .faint { fill: #5b6675; }
              .ground { fill: #ffffff; }
              .box { stroke: #7a8797; stroke-width: 1; }
              .file { fill: #e8f1fb; } .leaf { fill: #f4f5f7; } .operator { fill: #ece8f8; } .condition { fill: #ffe9c7; }
              .state { fill: #e9f6ec; } .active { fill: #bfe8c9; } .work { fill: #fde3e0; }
              .line { fill: none; stroke: #7a8797; stroke-width: 1.3; }
              .back { stroke-dasharray: 4 3; }
              .tip { fill: #7a8797; }
              @media (prefers-color-scheme: dark) {
                text { fill: #e6eaf0; }
                .faint { fill: #9aa6b5; }
                .ground { fill: #14181f; }
                .box { stroke: #76849a; }
                .file { fill: #1d3048; } .leaf { fill: #252b35; } .operator { fill: #322b4d; } .condition { fill: #4d3a17; }
                .state { fill: #1d3a27; } .active { fill: #2a6a3d; } .work { fill: #4f2a28; }
                .line { stroke: #76849a; }
                .tip { fill: #76849a; }
              }
            </style>
            """;

    private final StringBuilder out = new StringBuilder();

    String of(List<Policy> policies) {
        List<SvgLayout> layouts = new ArrayList<>();
        double top = MARGIN + HEADING;
        for (Policy policy : policies) {
            SvgLayout layout = new SvgLayout(policy, top);
            layouts.add(layout);
            top = layout.bottom + MARGIN + HEADING;
        }
        double width = layouts.stream().mapToDouble(it -> it.width).max().orElse(0) + 2 * MARGIN;
        double height = layouts.isEmpty() ? 2 * MARGIN : layouts.getLast().bottom + MARGIN;
        head(policies, width, height);
        for (int i = 0; i < policies.size(); i++) {
            policy(policies.get(i), layouts.get(i), i == 0 ? MARGIN : layouts.get(i - 1).bottom + MARGIN);
        }
        return out.append("</svg>\n").toString();
    }

    private void head(List<Policy> policies, double width, double height) {
        String names = policies.stream().map(Policy::name).collect(Collectors.joining(", "));
        out.append(
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"title description\" width=\"")
                .append(number(width))
                .append("\" height=\"")
                .append(number(height))
                .append("\" viewBox=\"0 0 ")
                .append(number(width))
                .append(' ')
                .append(number(height))
                .append("\">\n<title id=\"title\">")
                .append(Xml.escaped("Tidemark: policies " + names))
                .append(
                        "</title>\n<desc id=\"description\">From left to right: the files that are read, the conditions made of them, ")
                .append("START and STOP, the states of the policy, and how memory is taken.</desc>\n")
                .append(STYLE)
                .append("<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" ")
                .append(
                        "markerHeight=\"7\" orient=\"auto-start-reverse\"><path class=\"tip\" d=\"M0 0 L8 4 L0 8 z\"/></marker></defs>\n")
                .append("<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n");
    }

    private void policy(Policy policy, SvgLayout layout, double top) {
        out.append("<g role=\"group\" aria-label=\"")
                .append(Xml.escaped("policy " + policy.name()))
                .append("\">\n");
        text(MARGIN, top + 18, "title", "policy " + policy.name());
        text(
                MARGIN,
                top + 38,
                "faint",
                "looks " + Words.reading(policy) + " \u00b7 decided by: " + Words.decidedBy(policy));
        out.append("<g transform=\"translate(").append(number(MARGIN)).append(" 0)\">\n");
        layout.lines.forEach(this::line);
        layout.states.forEach(line -> state(line, layout));
        layout.boxes.forEach(this::box);
        out.append("</g>\n</g>\n");
    }

    private void box(Box box) {
        out.append("<g><title>")
                .append(Xml.escaped(box.title()))
                .append("</title><rect class=\"box ")
                .append(box.kind())
                .append("\" x=\"")
                .append(number(box.x()))
                .append("\" y=\"")
                .append(number(box.y()))
                .append("\" width=\"")
                .append(number(box.width()))
                .append("\" height=\"")
                .append(number(box.height()))
                .append("\" rx=\"6\"/>");
        double y = box.y() + SvgLayout.LINE;
        for (String line : box.lines()) {
            int blanks = line.length() - line.stripLeading().length();
            text(box.x() + SvgLayout.PAD + blanks * SvgLayout.CHARACTER, y, "", line.stripLeading());
            y += SvgLayout.LINE;
        }
        out.append("</g>\n");
    }

    private void line(Line line) {
        double fromX = line.from().right();
        double fromY = line.from().middle();
        double toX = line.to().x();
        double toY = line.to().middle();
        // Level up to the gap before the target, where only lines are: so no box is crossed. A file is right beside
        // that gap.
        double bend = line.from().kind().equals("file") ? fromX : Math.max(fromX, toX - BEND);
        double middle = (bend + toX) / 2;
        path("line", "M%s %s H%s C%s %s %s %s %s %s", fromX, fromY, bend, middle, fromY, middle, toY, toX, toY);
    }

    private void path(String kind, String commands, double... numbers) {
        Object[] shown = DoubleStream.of(numbers).mapToObj(SvgView::number).toArray();
        out.append("<path class=\"")
                .append(kind)
                .append("\" marker-end=\"url(#arrow)\" d=\"")
                .append(commands.formatted(shown))
                .append("\"/>\n");
    }

    /** Downwards beside each other, with the reason; upwards around the left side. */
    private void state(Line line, SvgLayout layout) {
        double x = line.from().x() + line.from().width() / 2;
        if (line.to().y() > line.from().y()) {
            double fromY = line.from().y() + line.from().height();
            path("line", "M%s %s V%s", x, fromY, line.to().y());
            text(x + 8, (fromY + line.to().y()) / 2 + 4, "faint", line.label());
            return;
        }
        double left = line.from().x();
        double bulge = left - 22 - 4.0 * layout.states.indexOf(line);
        double fromY = line.from().middle();
        double toY = line.to().middle();
        path("line back", "M%s %s C%s %s %s %s %s %s", left, fromY, bulge, fromY, bulge, toY, left, toY);
    }

    private void text(double x, double y, String kind, String text) {
        out.append("<text x=\"")
                .append(number(x))
                .append("\" y=\"")
                .append(number(y))
                .append('"');
        if (!kind.isEmpty()) {
            out.append(" class=\"").append(kind).append('"');
        }
        out.append('>').append(Xml.escaped(text)).append("</text>\n");
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
