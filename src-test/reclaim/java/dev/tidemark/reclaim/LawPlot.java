package dev.tidemark.reclaim;

import dev.tidemark.config.Law;
import dev.tidemark.config.Signal;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;

/** Draws how the paced laws answer, by asking them: docs/laws.svg. */
final class LawPlot {

    private static final int WIDTH = 760;
    private static final int PANEL_WIDTH = 300;
    private static final int PANEL_HEIGHT = 190;
    private static final int TOP = 44;
    private static final int POINTS = 200;
    private static final double MIB = 1 << 20;
    private static final double USAGE = 1000 * MIB;
    private static final long ROUND_NANOS = 6_000_000_000L;

    private final Formatter svg = new Formatter(Locale.ROOT);

    /** A cgroup of 1000 MiB, all of it clean page cache, in rounds of 6 s. */
    private static final class Host extends SeenCgroup {

        Host() {
            usage = USAGE;
            values.put(Signal.PSI_SOME_TOTAL, 0.0);
            nothingReclaimable();
            values.put(Signal.INACTIVE_FILE, USAGE);
        }

        void round(double stalled) {
            now += ROUND_NANOS;
            values.merge(Signal.PSI_SOME_TOTAL, stalled * ROUND_NANOS * 1e-9, Double::sum);
            List.of(Signal.PSI_SOME_AVG10, Signal.PSI_SOME_AVG60, Signal.PSI_IO_SOME_AVG10, Signal.PSI_IO_SOME_AVG60)
                    .forEach(average -> values.put(average, stalled));
        }
    }

    static String svg() {
        LawPlot plot = new LawPlot();
        plot.draw();
        return plot.svg.toString();
    }

    private void draw() {
        svg.format(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d 310\" role=\"img\" aria-labelledby=\"t d\">\n",
                WIDTH);
        svg.format("<title id=\"t\">How the paced control laws answer</title>\n");
        svg.format(
                "<desc id=\"d\">Left: the amount of one round against the share of the round in which tasks were stalled on memory. Right:"
                        + " amounts round by round, with two spells of stalls.</desc>\n");
        svg.format(
                "<style>text{font:12px system-ui,sans-serif;fill:#333}.a{stroke:#999;fill:none}.g{stroke:#ddd;fill:none}"
                        + ".l{fill:none;stroke-width:2}.s{fill:#c33;fill-opacity:.13}"
                        + ".tmo{stroke:#2166ac}.senpai{stroke:#1a9850}.senpai_limit{stroke:#b2600c}.aimd{stroke:#762a83}"
                        + "@media(prefers-color-scheme:dark){text{fill:#ddd}.g{stroke:#444}.a{stroke:#888}"
                        + ".tmo{stroke:#67a9ff}.senpai{stroke:#66d28a}.senpai_limit{stroke:#f0a860}.aimd{stroke:#c99bdc}}</style>\n");
        int left = 60;
        panel(left, "MiB a round, of 1000 MiB", "stalled, % of the round", 10, 0.2, 4);
        curve(left, "tmo", 10, i -> answer(Law.Tmo.DEFAULT, share(i)));
        curve(left, "senpai", 10, i -> answer(Law.Senpai.DEFAULT, share(i)));
        curve(left, "senpai_limit", 10, i -> answer(Law.SenpaiLimit.DEFAULT, share(i)));
        int right = left + PANEL_WIDTH + 70;
        int rounds = 40;
        double[] stalls = new double[rounds + 1];
        spell(right, stalls, 14, 17);
        spell(right, stalls, 28, 29);
        panel(right, "MiB a round", "rounds of 6 s", 10, rounds, 4);
        steps(right, "tmo", answers(Law.Tmo.DEFAULT, stalls), 10);
        steps(right, "aimd", answers(Law.Aimd.DEFAULT, stalls), 10);
        steps(right, "senpai_limit", answers(Law.SenpaiLimit.DEFAULT, stalls), 10);
        int x = left;
        for (String law : List.of("tmo", "senpai", "senpai_limit", "aimd")) {
            svg.format(
                    "<path class=\"l %s\" d=\"M%d 292h24\"/><text x=\"%d\" y=\"296\">%s</text>\n", law, x, x + 30, law);
            x += 110;
        }
        svg.format(
                "<rect class=\"s\" x=\"%d\" y=\"284\" width=\"24\" height=\"14\"/><text x=\"%d\" y=\"296\">stalled for 0.5 %% of the time</text>\n",
                x, x + 30);
        svg.format("</svg>\n");
    }

    private static double share(int point) {
        return 0.002 * point / POINTS;
    }

    private static double answer(Law.Paced law, double stalled) {
        return answers(law, new double[] {0, stalled})[1];
    }

    /** The amounts of rounds 1 and on, in MiB. */
    private static double[] answers(Law.Paced law, double[] stalls) {
        PacedLaw.Probe probe = switch (law) {
            case Law.Tmo it -> new TmoProbe(it);
            case Law.Senpai it -> new SenpaiProbe(it);
            case Law.SenpaiLimit it -> new SenpaiLimitProbe(it);
            case Law.Aimd it -> new AimdProbe(it);
        };
        Host host = new Host();
        probe.begin(host);
        double[] answers = new double[stalls.length];
        for (int round = 1; round < stalls.length; round++) {
            host.round(stalls[round]);
            answers[round] = probe.bytes(host) / MIB;
        }
        return answers;
    }

    private void panel(int x, String what, String along, double most, double length, int ticks) {
        svg.format("<text x=\"%d\" y=\"24\">%s</text>\n", x - 40, what);
        for (int i = 0; i <= ticks; i++) {
            double y = TOP + PANEL_HEIGHT * (1 - (double) i / ticks);
            svg.format("<path class=\"g\" d=\"M%d %.1fh%d\"/>\n", x, y, PANEL_WIDTH);
            svg.format(
                    "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", x - 6, y + 4, plain(most * i / ticks));
            double at = x + PANEL_WIDTH * (double) i / ticks;
            svg.format(
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
                    at, TOP + PANEL_HEIGHT + 16, plain(length * i / ticks));
        }
        svg.format("<path class=\"a\" d=\"M%d %dv%dh%d\"/>\n", x, TOP, PANEL_HEIGHT, PANEL_WIDTH);
        svg.format(
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
                x + PANEL_WIDTH / 2, TOP + PANEL_HEIGHT + 34, along);
    }

    private void spell(int x, double[] stalls, int from, int to) {
        for (int round = from; round <= to; round++) {
            stalls[round] = 0.005;
        }
        double step = (double) PANEL_WIDTH / (stalls.length - 1);
        svg.format(
                "<rect class=\"s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>\n",
                x + (from - 1) * step, TOP, (to - from + 1) * step, PANEL_HEIGHT);
    }

    private void curve(int x, String law, double most, IntToDoubleFunction mib) {
        Formatter path = new Formatter(Locale.ROOT);
        for (int i = 0; i <= POINTS; i++) {
            double at = x + (double) PANEL_WIDTH * i / POINTS;
            path.format("%s%.1f %.1f", i == 0 ? "M" : "L", at, y(mib.applyAsDouble(i), most));
        }
        svg.format("<path class=\"l %s\" d=\"%s\"/>\n", law, path);
    }

    private void steps(int x, String law, double[] mib, double most) {
        Formatter path = new Formatter(Locale.ROOT);
        double step = (double) PANEL_WIDTH / (mib.length - 1);
        for (int round = 1; round < mib.length; round++) {
            double y = y(mib[round], most);
            if (round == 1) {
                path.format("M%d %.1f", x, y);
            } else {
                path.format("V%.1f", y);
            }
            path.format("H%.1f", x + step * round);
        }
        svg.format("<path class=\"l %s\" d=\"%s\"/>\n", law, path);
    }

    private static double y(double mib, double most) {
        return TOP + PANEL_HEIGHT * (1 - Math.max(0, mib) / most);
    }

    private static String plain(double value) {
        return value == Math.rint(value)
                ? Long.toString((long) value)
                : Double.toString(Math.round(value * 1000) / 1000.0);
    }
}
