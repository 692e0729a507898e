package dev.tidemark.agent.simulate;

import dev.tidemark.agent.xml.Xml;
import dev.tidemark.config.Scenario.CgroupSpec;
import dev.tidemark.config.Unit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** What happened over time, as SVG: for each cgroup the columns one below the other, all on one axis of time. */
final class Plot {

    static final double LEFT = 120;
    static final int WIDTH = 784;
    private static final double RIGHT = 112;
    private static final double MARGIN = 20;
    private static final double TOTAL = LEFT + WIDTH + RIGHT;
    private static final int TIME_TICKS = 10;
    private static final int BAR_PIXELS = 6;
    private static final int MANY_CGROUPS = 4;
    private static final double LEGEND_ROW = 18;
    private static final double SWATCH = 18;
    private static final double LEGEND_GAP = 18;
    private static final int LONGEST_TITLE = 90;
    private static final int LONGEST_PATH = 70;

    /** Of the font's size; more than any common sans-serif font takes on average. */
    private static final double CHARACTER = 0.6;

    private static final String STYLE = """
            <style>
              .tm text { font: 11px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: #1c2430; }
              .tm .title { font-size: 18px; font-weight: 600; } .tm .cgroup { font-size: 14px; font-weight: 600; }
              .tm .column { font-size: 12px; font-weight: 600; }
              .tm .faint, .tm .tick { fill: #5b6675; } .tm .right { text-anchor: end; } .tm .middle { text-anchor: middle; }
              .tm .ground { fill: #ffffff; } .tm .panel { fill: #f6f8fa; } .tm .after { fill: #e3e7ec; }
              .tm .grid { fill: none; stroke: #dde2e8; stroke-width: 1; } .tm .axis { fill: none; stroke: #9aa6b5; stroke-width: 1; }
              .tm .usage-area { fill: #cfe2f5; } .tm .usage { fill: #2f6fb0; stroke: #2f6fb0; stroke-width: 1.2; stroke-linejoin: round; }
              .tm .max, .tm .high, .tm .low, .tm .start, .tm .stop { fill: none; stroke-width: 1.3; }
              .tm .max { stroke: #b3261e; } .tm .high { stroke: #b26a00; stroke-dasharray: 7 3; }
              .tm .low { stroke: #5b6675; stroke-dasharray: 1.5 3; }
              .tm .start { stroke: #1e7d46; stroke-dasharray: 5 3; } .tm .stop { stroke: #6b46b8; stroke-dasharray: 5 3; }
              .tm .events { fill: none; stroke: #b3261e; stroke-width: 1; } .tm .kill { fill: none; stroke: #b3261e; stroke-width: 2; }
              .tm .asked { fill: #a9d9b8; } .tm .got { fill: #23824a; } .tm .direct { fill: #d0493f; }
              .tm .psi-some { fill: #f0b55a; } .tm .psi-full { fill: #b3261e; }
              .tm .state { fill: #e6eaef; } .tm .pending { fill: #e9b949; } .tm .active { fill: #23824a; }
              .tm .stopping { fill: #6b46b8; } .tm .cooldown { fill: #86b3e0; }
              @media screen and (prefers-color-scheme: dark) {
                .tm text { fill: #e6eaf0; } .tm .faint, .tm .tick { fill: #9aa6b5; }
                .tm .ground { fill: #14181f; } .tm .panel { fill: #1a2029; } .tm .after { fill: #262d38; }
                .tm .grid { stroke: #2b3340; } .tm .axis { stroke: #5f6c7d; }
                .tm .usage-area { fill: #1d3a56; } .tm .usage { fill: #6fb1ee; stroke: #6fb1ee; }
                .tm .max { stroke: #ff7b6e; } .tm .high { stroke: #f0b55a; } .tm .low { stroke: #9aa6b5; }
                .tm .start { stroke: #58c984; } .tm .stop { stroke: #b49af0; }
                .tm .events, .tm .kill { stroke: #ff7b6e; }
                .tm .asked { fill: #2a5f3f; } .tm .got { fill: #58c984; } .tm .direct { fill: #f0665b; }
                .tm .psi-some { fill: #c98a2b; } .tm .psi-full { fill: #ff7b6e; }
                .tm .state { fill: #262d38; } .tm .pending { fill: #e0b040; } .tm .active { fill: #3fae69; }
                .tm .stopping { fill: #9a7be0; } .tm .cooldown { fill: #4c7fb3; }
              }
            </style>
            """;

    /** Of the whole picture: where more happens, it is drawn less finely. */
    private static final int MOST_CHARACTERS = (1 << 20) - (1 << 12);

    private static final int COARSEST = WIDTH / 16;

    private final Plan plan;
    private final List<Column> columns;
    private final Slots slots;
    private final Slots bars;
    private final List<Double> times;
    private final StringBuilder out = new StringBuilder();
    private double y = MARGIN;

    /** A sign and what it means; without a sign, a caption of those that follow. */
    private record Sign(String kind, String meaning) {}

    /** @param most how many slots the axis of time may have */
    private Plot(Plan plan, List<Column> columns, int most) {
        this.plan = plan;
        this.columns = columns;
        Duration end =
                columns.stream().map(Column::ran).max(Comparator.naturalOrder()).orElse(Duration.ZERO);
        int widest = columns.stream()
                .flatMap(column -> column.cgroups().stream())
                .mapToInt(cgroup -> course(cgroup).stepsPerBin())
                .max()
                .orElse(1);
        slots = Slots.of(end, plan.step(), widest, most);
        double slotPixels = slots.seconds() / slots.endSeconds() * WIDTH;
        bars = slots.wider((int) Math.max(1, Math.ceil(BAR_PIXELS / slotPixels)));
        times = Ticks.times(slots.endSeconds(), TIME_TICKS);
    }

    /**
     * The picture, as fine as pixels where it stays small.
     *
     * @throws IllegalStateException unless the plan was for a plot
     */
    static String svg(Plan plan, List<Column> columns) {
        int slots = WIDTH;
        String svg = new Plot(plan, columns, slots).svg();
        while (svg.length() > MOST_CHARACTERS && slots > COARSEST) {
            slots /= 2;
            svg = new Plot(plan, columns, slots).svg();
        }
        return svg;
    }

    static Course course(Subject subject) {
        return subject.course().orElseThrow(() -> new IllegalStateException("the plan was not for a plot"));
    }

    private String svg() {
        heading();
        for (int i = 0; i < plan.cgroups().size(); i++) {
            cgroup(i, plan.cgroups().get(i));
        }
        y += 1.5 * MARGIN;
        text(
                MARGIN,
                y,
                "faint",
                "The model leaves things out; docs/model.md says which. Compare columns with each other, not with a host.");
        return head(y + MARGIN) + out + "</svg>\n";
    }

    private String head(double height) {
        String size =
                "width=\"%s\" height=\"%s\" viewBox=\"0 0 %s %s\"".formatted(n(TOTAL), n(height), n(TOTAL), n(height));
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"tm\" role=\"img\" aria-labelledby=\"tm-title tm-desc\" "
                + size + ">\n<title id=\"tm-title\">" + Xml.escaped("Simulation of " + plan.name() + ": " + names())
                + "</title>\n<desc id=\"tm-desc\">" + Xml.escaped(description()) + "</desc>\n" + STYLE
                + "<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n";
    }

    private String names() {
        return columns.stream().map(Column::name).collect(Collectors.joining(", "));
    }

    /** The picture in words, for who cannot see it. */
    private String description() {
        StringBuilder words = new StringBuilder(
                        "For each cgroup, one run below the other on the same axis of time from 0 to ")
                .append(Unit.DURATION.format(slots.endSeconds()))
                .append(": usage against its limits, what was reclaimed, pressure, and the states of policies.");
        for (Column column : columns) {
            for (Subject cgroup : column.cgroups()) {
                words.append(" cgroup ")
                        .append(cgroup.path())
                        .append(", ")
                        .append(column.name())
                        .append(": ")
                        .append(Panel.summary(cgroup))
                        .append('.');
            }
        }
        return words.toString();
    }

    private void heading() {
        y += 18;
        text(MARGIN, y, "title", elided(plan.name(), LONGEST_TITLE));
        y += 20;
        text(
                MARGIN,
                y,
                "faint",
                elided(names(), 2 * LONGEST_TITLE) + " \u00b7 virtual time on the model of the kernel");
        y += 10;
        legend();
    }

    private void legend() {
        List<Sign> signs = new ArrayList<>(List.of(new Sign("usage", "usage"), new Sign("max", "memory.max")));
        if (drawn(Channel.HIGH)) {
            signs.add(new Sign("high", "memory.high"));
        }
        if (drawn(Channel.LOW)) {
            signs.add(new Sign("low", "memory.low"));
        }
        if (columns.stream()
                .flatMap(it -> it.cgroups().stream())
                .anyMatch(it -> !it.marks().isEmpty())) {
            signs.add(new Sign("start", "START"));
            signs.add(new Sign("stop", "STOP"));
        }
        signs.add(new Sign("events", "max event"));
        if (any(Channel.OOM_KILLS)) {
            signs.add(new Sign("kill", "OOM kill"));
        }
        signs.add(new Sign("asked", "agent asked"));
        signs.add(new Sign("got", "agent got"));
        signs.add(new Sign("direct", "direct reclaim"));
        signs.add(new Sign("psi-some", "PSI some"));
        signs.add(new Sign("psi-full", "PSI full"));
        if (columns.stream().anyMatch(column -> column.work().isPresent())) {
            signs.add(new Sign("", "a policy is"));
            Channel.STATES.forEach(state -> signs.add(new Sign(Table.lower(state), Table.lower(state))));
        }
        out.append("<g role=\"group\" aria-label=\"legend\">\n");
        double x = MARGIN;
        y += LEGEND_ROW;
        for (Sign sign : signs) {
            boolean caption = sign.kind().isEmpty();
            double swatch = caption ? 0 : SWATCH + 6;
            double width = swatch + sign.meaning().length() * 11 * CHARACTER + LEGEND_GAP;
            if (caption || x + width > TOTAL - MARGIN + LEGEND_GAP) {
                x = MARGIN;
                y += LEGEND_ROW;
            }
            if (!caption) {
                swatch(sign.kind(), x);
            }
            text(x + swatch, y, caption ? "faint" : "", sign.meaning());
            x += width;
        }
        out.append("</g>\n");
        y += LEGEND_ROW;
    }

    private boolean drawn(Channel limit) {
        return columns.stream().flatMap(it -> it.cgroups().stream()).anyMatch(it -> {
            float[] values = slots.values(course(it), limit);
            return Panel.greatest(values, Float.POSITIVE_INFINITY) > 0;
        });
    }

    private boolean any(Channel channel) {
        return columns.stream()
                .flatMap(it -> it.cgroups().stream())
                .anyMatch(it -> Panel.greatest(slots.values(course(it), channel), Float.POSITIVE_INFINITY) > 0);
    }

    private void swatch(String kind, double x) {
        double middle = y - 4;
        switch (kind) {
            case "max", "high", "low", "start", "stop" ->
                path("legend " + kind, new PathData().move(x, middle).line(x + SWATCH, middle));
            case "events" -> {
                PathData ticks = new PathData();
                for (int i = 0; i < 3; i++) {
                    ticks.move(x + 4 + 5 * i, middle - 4).line(x + 4 + 5 * i, middle + 4);
                }
                path("legend " + kind, ticks);
            }
            case "kill" -> path("legend " + kind, Panel.cross(x + SWATCH / 2, middle));
            default -> path("legend " + kind, new PathData().bar(x, middle - 4, x + SWATCH, middle + 4));
        }
    }

    private void cgroup(int index, CgroupSpec spec) {
        List<Subject> subjects =
                columns.stream().map(column -> column.cgroups().get(index)).toList();
        y += 24;
        out.append("<g role=\"group\" aria-label=\"")
                .append(Xml.escaped("cgroup " + spec.path()))
                .append("\">\n");
        String path = elided(spec.path(), LONGEST_PATH);
        text(MARGIN, y, "cgroup", path);
        text(MARGIN + path.length() * 14 * CHARACTER + 14, y, "faint", Table.limits(spec));
        Panel.Scale scale =
                Panel.Scale.of(subjects, columns, slots, bars, plan.cgroups().size() > MANY_CGROUPS);
        y += 6;
        for (int i = 0; i < columns.size(); i++) {
            Panel panel = new Panel(subjects.get(i), columns.get(i), slots, bars, times, scale);
            y = panel.draw(y, out);
        }
        timeAxis();
        out.append("</g>\n");
    }

    private void timeAxis() {
        y += 12;
        for (double time : times) {
            text(x(time), y, "tick middle", Unit.DURATION.format(time));
        }
        y += 4;
    }

    private double x(double seconds) {
        return LEFT + seconds / slots.endSeconds() * WIDTH;
    }

    private void path(String kind, PathData data) {
        out.append("<path class=\"").append(kind).append("\" d=\"").append(data).append("\"/>\n");
    }

    private void text(double x, double y, String kind, String text) {
        text(out, x, y, kind, text);
    }

    static void text(StringBuilder out, double x, double y, String kind, String text) {
        if (!text.isEmpty()) {
            out.append("<text x=\"").append(n(x)).append("\" y=\"").append(n(y)).append('"');
            if (!kind.isEmpty()) {
                out.append(" class=\"").append(kind).append('"');
            }
            out.append('>').append(Xml.escaped(text)).append("</text>\n");
        }
    }

    /** Without its middle where it is too long. */
    static String elided(String text, int longest) {
        if (text.length() <= longest) {
            return text;
        }
        int half = (longest - 1) / 2;
        return text.substring(0, half) + "\u2026" + text.substring(text.length() - (longest - 1 - half));
    }

    static String n(double value) {
        long tenths = Math.round(value * 10);
        return tenths % 10 == 0 ? String.valueOf(tenths / 10) : String.valueOf(tenths / 10.0);
    }
}
