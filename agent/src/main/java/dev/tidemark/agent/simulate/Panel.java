package dev.tidemark.agent.simulate;

import dev.tidemark.agent.simulate.Course.Merge;
import dev.tidemark.agent.xml.Xml;
import dev.tidemark.config.Unit;
import dev.tidemark.triggers.TriggerState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * One cgroup in one run: {@code max} events as ticks, usage against its limits, reclaim as bars (the agent's up, direct reclaim down),
 * pressure, and for each policy a strip of its states.
 */
final class Panel {

    private static final double MINUTE = 60;
    private static final double HOUR = 60 * MINUTE;
    private static final double HEADER = 18;
    private static final double EVENTS = 7;
    private static final double EVENTS_GAP = 5;
    private static final double USAGE = 84;
    private static final double USAGE_OF_MANY = 56;
    private static final double RECLAIM = 32;
    private static final double LEAST = 5;

    /** What was got stands before what was asked for, which shows beside it. */
    private static final double GOT_WIDTH = 0.5;

    private static final double PSI = 24;
    private static final double STRIP = 9;
    private static final double GAP = 4;
    private static final double LABEL = 12;
    private static final int BYTE_TICKS = 4;
    private static final int LONGEST_COLUMN = 60;
    private static final int LONGEST_LABEL = 15;

    /** A limit that is further above all usage than this is not drawn: usage would be too low to be seen. */
    private static final double HIGHEST_LIMIT = 3;

    /** What is to be compared between columns has the same scale in all of them, and a lane in all where it has one in any. */
    record Scale(
            double usageHeight,
            double topBytes,
            double agentBytes,
            double directBytes,
            double psiShare,
            boolean events,
            boolean psi) {

        static Scale of(List<Subject> subjects, List<Column> columns, Slots slots, Slots bars, boolean many) {
            double peak = 0;
            double limit = 0;
            double agent = 0;
            double direct = 0;
            double psi = 0;
            boolean events = false;
            for (Subject subject : subjects) {
                peak = Math.max(
                        peak,
                        greatest(slots.values(Plot.course(subject), Channel.USAGE_GREATEST), Float.POSITIVE_INFINITY));
            }
            for (int i = 0; i < subjects.size(); i++) {
                Course course = Plot.course(subjects.get(i));
                for (Channel channel : List.of(Channel.MAX, Channel.HIGH)) {
                    limit = Math.max(limit, greatest(slots.values(course, channel), HIGHEST_LIMIT * peak));
                }
                for (Channel channel : List.of(Channel.ASKED, Channel.GOT)) {
                    agent = Math.max(agent, greatest(bars.values(course, channel), Float.POSITIVE_INFINITY));
                }
                direct = Math.max(direct, greatest(bars.values(course, Channel.DIRECT), Float.POSITIVE_INFINITY));
                psi = Math.max(psi, greatest(shares(bars, course, Channel.PSI_SOME, columns.get(i)), 1));
                events |= greatest(slots.values(course, Channel.MAX_EVENTS), Float.POSITIVE_INFINITY) > 0;
            }
            double top = Math.max(peak, limit);
            return new Scale(
                    many ? USAGE_OF_MANY : USAGE,
                    top > 0 ? top * 1.06 : 1,
                    agent,
                    direct,
                    Ticks.share(psi),
                    events,
                    psi > 0);
        }

        /** How far above direct reclaim's side of the lane of reclaim the agent's reaches; both have the same scale. */
        double agentHeight() {
            double share = agentBytes / (agentBytes + directBytes);
            double least = LEAST / RECLAIM;
            return RECLAIM * Math.clamp(share, agentBytes > 0 ? least : 0, directBytes > 0 ? 1 - least : 1);
        }
    }

    /** A line in the chart of usage, with what stands beside it. */
    private record Level(String kind, double bytes, String label) {}

    private final Subject subject;
    private final Course course;
    private final Column column;
    private final Slots slots;
    private final Slots bars;
    private final List<Double> times;
    private final Scale scale;
    private StringBuilder out = new StringBuilder();
    private double y;

    Panel(Subject subject, Column column, Slots slots, Slots bars, List<Double> times, Scale scale) {
        this.subject = subject;
        this.course = Plot.course(subject);
        this.column = column;
        this.slots = slots;
        this.bars = bars;
        this.times = times;
        this.scale = scale;
    }

    /** The greatest value that is not above {@code highest}; 0 for none. */
    static float greatest(float[] values, double highest) {
        float greatest = 0;
        for (float value : values) {
            if (value > greatest && value <= highest && value != Float.POSITIVE_INFINITY) {
                greatest = value;
            }
        }
        return greatest;
    }

    private static float[] shares(Slots slots, Course course, Channel channel, Column column) {
        float[] seconds = slots.values(course, channel);
        double[] covered = slots.covered(course, column.ran());
        for (int i = 0; i < seconds.length; i++) {
            // A task's stall is told when it is over, so that a slot may have more of it than it is long.
            seconds[i] = covered[i] > 0 ? (float) Math.min(1, seconds[i] / covered[i]) : 0;
        }
        return seconds;
    }

    static String summary(Subject subject) {
        List<String> words = new ArrayList<>();
        add(words, subject, Measure.MAX_EVENTS, "max event", "max events");
        add(words, subject, Measure.OOM_KILLS, "OOM kill", "OOM kills");
        add(words, subject, Measure.PSI_SOME, "PSI some", "PSI some");
        add(words, subject, Measure.FILE_REFAULTS, "file refault", "file refaults");
        add(words, subject, Measure.PEAK_USAGE, "peak", "peak");
        return String.join(" \u00b7 ", words);
    }

    private static void add(List<String> words, Subject subject, Measure measure, String one, String many) {
        double value = subject.measured(measure);
        if (!Double.isNaN(value) && (value != 0 || measure == Measure.MAX_EVENTS)) {
            words.add(measure.unit().format(value) + " " + (value == 1 ? one : many));
        }
    }

    /** Draws below {@code top}; returns where it ends. */
    double draw(double top, StringBuilder into) {
        out = into;
        y = top;
        out.append("<g role=\"group\" aria-label=\"")
                .append(Xml.escaped("cgroup " + subject.path() + ", " + column.name()))
                .append("\">\n");
        y += HEADER;
        Plot.text(out, Plot.LEFT, y - 5, "column", Plot.elided(column.name(), LONGEST_COLUMN));
        Plot.text(out, Plot.LEFT + Plot.WIDTH, y - 5, "faint right", summary(subject));
        if (scale.events) {
            events();
        }
        usage();
        if (scale.agentBytes + scale.directBytes > 0) {
            reclaim();
        }
        if (scale.psi) {
            pressure();
        }
        for (int i = 0; i < subject.policies().size(); i++) {
            strip(i);
        }
        out.append("</g>\n");
        return y + 2;
    }

    // ---- lanes ---------------------------------------------------------------------------------------------------

    private void lane(double height, String label) {
        path("panel", new PathData().bar(Plot.LEFT, y, Plot.LEFT + Plot.WIDTH, y + height));
        double end = x(Table.seconds(column.ran()));
        if (end < Plot.LEFT + Plot.WIDTH - 1) {
            path("after", new PathData().bar(end, y, Plot.LEFT + Plot.WIDTH, y + height));
        }
        PathData grid = new PathData();
        times.forEach(time -> grid.move(x(time), y).line(x(time), y + height));
        path("grid", grid);
        Plot.text(out, Plot.LEFT - 8, y + height / 2 + 4, "faint right", Plot.elided(label, LONGEST_LABEL));
    }

    private void events() {
        float[] values = slots.values(course, Channel.MAX_EVENTS);
        PathData ticks = new PathData();
        for (int i = 0; i < values.length; i++) {
            if (values[i] > 0) {
                ticks.move(middle(i), y).line(middle(i), y + EVENTS - 1);
            }
        }
        path("events", ticks);
        Plot.text(out, Plot.LEFT - 8, y + EVENTS, "faint right", "max events");
        y += EVENTS + EVENTS_GAP;
    }

    private void usage() {
        double height = scale.usageHeight;
        lane(height, "");
        PathData grid = new PathData();
        for (double tick : Ticks.bytes(scale.topBytes, BYTE_TICKS)) {
            grid.move(Plot.LEFT, level(tick)).line(Plot.LEFT + Plot.WIDTH, level(tick));
            Plot.text(out, Plot.LEFT - 8, Math.min(level(tick) + 4, y + height), "tick right", Unit.BYTES.format(tick));
        }
        path("grid", grid);
        PathData area = new PathData();
        PathData band = new PathData();
        band(area, band);
        path("usage-area", area);
        List<Level> levels = new ArrayList<>();
        limit("max", Channel.MAX, levels);
        limit("high", Channel.HIGH, levels);
        limit("low", Channel.LOW, levels);
        marks(levels);
        labels(levels);
        path("usage", band);
        path("axis", new PathData().move(Plot.LEFT, y + height).line(Plot.LEFT + Plot.WIDTH, y + height));
        kills();
        y += height + GAP;
    }

    /** What usage was: the area below, and a band from the least to the greatest of each slot. */
    private void band(PathData area, PathData band) {
        float[] least = slots.values(course, Channel.USAGE_LEAST);
        float[] greatest = slots.values(course, Channel.USAGE_GREATEST);
        double bottom = y + scale.usageHeight;
        int i = 0;
        while (i < greatest.length) {
            int from = i;
            while (i < greatest.length && !Float.isNaN(greatest[i])) {
                i++;
            }
            if (i > from) {
                area.move(edge(from), bottom).line(edge(from), level(greatest[from]));
                band.move(edge(from), level(greatest[from]));
                for (int at = from; at < i; at++) {
                    area.line(middle(at), level(greatest[at]));
                    band.line(middle(at), level(greatest[at]));
                }
                double end = Math.min(edge(i), x(Table.seconds(column.ran())));
                area.line(end, level(greatest[i - 1])).line(end, bottom).close();
                band.line(end, level(greatest[i - 1])).line(end, level(least[i - 1]));
                for (int at = i - 1; at >= from; at--) {
                    band.line(middle(at), level(least[at]));
                }
                band.line(edge(from), level(least[from])).close();
            }
            i++;
        }
    }

    private void limit(String kind, Channel channel, List<Level> levels) {
        float[] values = slots.values(course, channel);
        PathData line = new PathData();
        boolean broken = true;
        double last = 0;
        for (int i = 0; i < values.length; i++) {
            boolean shown = values[i] > 0 && values[i] <= scale.topBytes;
            if (shown) {
                last = values[i];
                if (broken) {
                    line.move(edge(i), level(last));
                }
                line.line(edge(i), level(last)).line(Math.min(edge(i + 1), Plot.LEFT + Plot.WIDTH), level(last));
            }
            broken = !shown;
        }
        if (!line.isEmpty()) {
            path(kind, line);
            levels.add(new Level(kind, last, kind + " " + Unit.BYTES.format(last)));
        }
    }

    private void marks(List<Level> levels) {
        Set<Level> marks = new LinkedHashSet<>();
        for (Watermark mark : subject.marks()) {
            if (mark.bytes() > 0 && mark.bytes() <= scale.topBytes) {
                String name = mark.start() ? "START" : "STOP";
                marks.add(new Level(
                        mark.start() ? "start" : "stop", mark.bytes(), name + " " + Unit.BYTES.format(mark.bytes())));
            }
        }
        for (Level mark : marks) {
            path(
                    mark.kind,
                    new PathData().move(Plot.LEFT, level(mark.bytes)).line(Plot.LEFT + Plot.WIDTH, level(mark.bytes)));
        }
        levels.addAll(marks);
    }

    /** Beside their lines, moved apart where these are too close; those for which there is no room are left out. */
    private void labels(List<Level> levels) {
        levels.sort(Comparator.comparingDouble(it -> -it.bytes));
        int room = (int) (scale.usageHeight / LABEL);
        List<Level> shown = levels.subList(0, Math.min(room, levels.size()));
        double[] places = new double[shown.size()];
        double lowest = y + scale.usageHeight - 4;
        for (int i = 0; i < places.length; i++) {
            double wanted = level(shown.get(i).bytes);
            places[i] = i == 0 ? Math.max(y, wanted) : Math.max(wanted, places[i - 1] + LABEL);
        }
        for (int i = places.length - 1; i >= 0; i--) {
            places[i] = Math.min(places[i], lowest);
            lowest = places[i] - LABEL;
        }
        for (int i = 0; i < places.length; i++) {
            Plot.text(out, Plot.LEFT + Plot.WIDTH + 8, places[i] + 4, "faint", shown.get(i).label);
        }
    }

    private void kills() {
        float[] values = slots.values(course, Channel.OOM_KILLS);
        for (int i = 0; i < values.length; i++) {
            if (values[i] > 0) {
                path("kill", cross(middle(i), y + 8));
            }
        }
    }

    static PathData cross(double x, double y) {
        return new PathData()
                .move(x - 4, y - 4)
                .line(x + 4, y + 4)
                .move(x + 4, y - 4)
                .line(x - 4, y + 4);
    }

    private void reclaim() {
        lane(RECLAIM, "reclaimed");
        double base = y + scale.agentHeight();
        Plot.text(
                out,
                Plot.LEFT + Plot.WIDTH + 8,
                y + 11,
                "faint",
                "\u2264 " + Unit.BYTES.format(Math.max(scale.agentBytes, scale.directBytes)));
        Plot.text(out, Plot.LEFT + Plot.WIDTH + 8, y + 25, "faint", "in " + span(bars.seconds()));
        double agent = scale.agentHeight();
        bars("asked", Channel.ASKED, base, 1, -agent / scale.agentBytes);
        bars("got", Channel.GOT, base, GOT_WIDTH, -agent / scale.agentBytes);
        bars("direct", Channel.DIRECT, base, 1, (RECLAIM - agent) / scale.directBytes);
        path("axis", new PathData().move(Plot.LEFT, base).line(Plot.LEFT + Plot.WIDTH, base));
        y += RECLAIM + GAP;
    }

    /** Minutes and hours also where they are not whole. */
    private static String span(double seconds) {
        if (seconds < 2 * MINUTE) {
            return Unit.DURATION.format(seconds);
        }
        return seconds < 2 * HOUR
                ? Unit.COUNT.format(Math.rint(seconds / MINUTE * 10) / 10) + "m"
                : Unit.COUNT.format(Math.rint(seconds / HOUR * 10) / 10) + "h";
    }

    /**
     * @param width of what is free for one, 0 to 1
     * @param perByte downwards
     */
    private void bars(String kind, Channel channel, double base, double width, double perByte) {
        float[] values = bars.values(course, channel);
        double slot = bars.seconds() / bars.endSeconds() * Plot.WIDTH;
        double free = slot - Math.min(1, slot / 4);
        PathData data = new PathData();
        for (int i = 0; i < values.length; i++) {
            if (values[i] > 0) {
                double middle = Plot.LEFT + i * slot + free / 2;
                double from = middle - free * width / 2;
                double to = Math.min(middle + free * width / 2, Plot.LEFT + Plot.WIDTH);
                double height = values[i] * perByte;
                data.bar(from, base, to, base + Math.signum(perByte) * Math.max(1, Math.abs(height)));
            }
        }
        path(kind, data);
    }

    private void pressure() {
        lane(PSI, "PSI");
        Plot.text(out, Plot.LEFT + Plot.WIDTH + 8, y + 8, "faint", "\u2264 " + Unit.RATIO.format(scale.psiShare));
        steps("psi-some", Channel.PSI_SOME);
        steps("psi-full", Channel.PSI_FULL);
        path("axis", new PathData().move(Plot.LEFT, y + PSI).line(Plot.LEFT + Plot.WIDTH, y + PSI));
        y += PSI + GAP;
    }

    private void steps(String kind, Channel channel) {
        float[] shares = shares(bars, course, channel, column);
        double bottom = y + PSI;
        PathData data = new PathData();
        boolean open = false;
        for (int i = 0; i < shares.length; i++) {
            double from = x(i * bars.seconds());
            if (shares[i] > 0) {
                if (!open) {
                    data.move(from, bottom);
                }
                double level = bottom - Math.min(1, shares[i] / scale.psiShare) * PSI;
                data.line(from, level).line(x((i + 1) * bars.seconds()), level);
            } else if (open) {
                data.line(from, bottom).close();
            }
            open = shares[i] > 0;
        }
        if (open) {
            data.line(x(shares.length * bars.seconds()), bottom).close();
        }
        path(kind, data);
    }

    /** Of each slot, how much of it the policy was in which state; no state that it was in is too thin to be seen. */
    private void strip(int policy) {
        path("state", new PathData().bar(Plot.LEFT, y, x(Table.seconds(column.ran())), y + STRIP));
        Plot.text(
                out,
                Plot.LEFT - 8,
                y + STRIP,
                "faint right",
                Plot.elided(subject.policies().get(policy), LONGEST_LABEL));
        double[] covered = slots.covered(course, column.ran());
        double[] bottoms = new double[slots.count()];
        for (TriggerState state : Channel.STATES) {
            float[] seconds = slots.values(course, Channel.of(policy, state), Merge.SUM);
            PathData data = new PathData();
            int i = 0;
            while (i < seconds.length) {
                double height = height(seconds[i], covered[i], bottoms[i]);
                int from = i;
                double bottom = bottoms[i];
                while (i < seconds.length && bottoms[i] == bottom && height(seconds[i], covered[i], bottom) == height) {
                    bottoms[i] += height;
                    i++;
                }
                if (height > 0) {
                    double low = y + STRIP - bottom;
                    data.bar(edge(from), low, edge(i), low - height);
                }
            }
            if (!data.isEmpty()) {
                path(Table.lower(state), data);
            }
        }
        y += STRIP + GAP;
    }

    private static double height(double seconds, double covered, double bottom) {
        if (!(seconds > 0) || !(covered > 0)) {
            return 0;
        }
        double wanted = Math.max(1, Math.rint(Math.min(1, seconds / covered) * STRIP * 2) / 2);
        return Math.min(wanted, STRIP - bottom);
    }

    // ---- places --------------------------------------------------------------------------------------------------

    private double x(double seconds) {
        return Plot.LEFT + Math.min(1, seconds / slots.endSeconds()) * Plot.WIDTH;
    }

    private double edge(int slot) {
        return x(slot * slots.seconds());
    }

    private double middle(int slot) {
        return x((slot + 0.5) * slots.seconds());
    }

    private double level(double bytes) {
        return y + scale.usageHeight * (1 - Math.clamp(bytes / scale.topBytes, 0, 1));
    }

    private void path(String kind, PathData data) {
        if (!data.isEmpty()) {
            out.append("<path class=\"")
                    .append(kind)
                    .append("\" d=\"")
                    .append(data)
                    .append("\"/>\n");
        }
    }
}
