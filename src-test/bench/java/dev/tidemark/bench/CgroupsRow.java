package dev.tidemark.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** What was measured with one number of cgroups, and whether it is what was promised. */
final class CgroupsRow {

    private static final double MOST_CPU = 0.10;
    private static final double MOST_RATIO = 3;
    private static final int FEW = 1_000;
    private static final double MOST_MIB_OF_FEW = 96;
    private static final double MOST_MIB = 160;
    private static final String NONE = "-";
    private static final double LEAST_SHOWN = 0.0005;

    private static final List<String> TITLES = List.of(
            "cgroups",
            "agent CPU %",
            "reader CPU % before",
            "after",
            "ratio",
            "limited reader CPU %",
            "ratio",
            "RSS MiB",
            "Pss MiB",
            "peak MiB",
            "descriptors",
            "s",
            "samples",
            "missed ticks",
            "failures",
            "verdict");

    private final int count;
    private final Child.Cost cost;
    private final double rssMib;
    private final double pssMib;
    private final double peakMib;
    private final long descriptors;
    private final int descriptorLimit;
    private OptionalDouble samples = OptionalDouble.empty();
    private OptionalDouble missed = OptionalDouble.empty();
    private long failures;
    private double readerBefore;
    private double readerAfter;
    private OptionalDouble readerLimited = OptionalDouble.empty();

    CgroupsRow(
            int count,
            Child.Cost cost,
            double rssMib,
            double pssMib,
            double peakMib,
            long descriptors,
            int descriptorLimit) {
        this.count = count;
        this.cost = cost;
        this.rssMib = rssMib;
        this.pssMib = pssMib;
        this.peakMib = peakMib;
        this.descriptors = descriptors;
        this.descriptorLimit = descriptorLimit;
    }

    /** With what the agent said when it ended: of its whole life, not only of the time measured. */
    CgroupsRow told(Child agent) throws IOException {
        samples = agent.told("samples");
        missed = agent.told("missed_ticks");
        failures = agent.complaints("failed");
        return this;
    }

    /**
     * With the CPU shares of the reader in its two turns.
     *
     * @param limited of one process that keeps no more files open than it may; none where that is all of them
     */
    CgroupsRow beside(double before, double after, OptionalDouble limited) {
        readerBefore = before;
        readerAfter = after;
        readerLimited = limited;
        return this;
    }

    private double ratio() {
        return cost.cpu() / ((readerBefore + readerAfter) / 2);
    }

    private OptionalDouble limitedRatio() {
        return readerLimited.isPresent()
                ? OptionalDouble.of(cost.cpu() / readerLimited.getAsDouble())
                : OptionalDouble.empty();
    }

    /** What did not hold. */
    List<String> broken() {
        List<String> broken = new ArrayList<>();
        if (cost.cpu() > MOST_CPU) {
            broken.add("CPU");
        }
        if (ratio() > MOST_RATIO) {
            broken.add("ratio");
        }
        if (rssMib > (count <= FEW ? MOST_MIB_OF_FEW : MOST_MIB)) {
            broken.add("RSS");
        }
        if (missed.isEmpty() || missed.getAsDouble() > 0) {
            broken.add(missed.isEmpty() ? "missed ticks not told" : "missed ticks");
        }
        if (failures > 0) {
            broken.add("failures");
        }
        return broken;
    }

    /** For programs. */
    String line() {
        return String.format(
                Locale.ROOT,
                "cgroups: cgroups=%d seconds=%.1f agent_cpu=%.5f reader_cpu=%.5f ratio=%.2f limited_reader_cpu=%s limited_ratio=%s rss_mib=%.1f pss_mib=%.1f peak_mib=%.1f "
                        + "descriptors=%d descriptor_limit=%d samples=%s missed_ticks=%s failures=%d held=%b",
                count,
                cost.seconds(),
                cost.cpu(),
                (readerBefore + readerAfter) / 2,
                ratio(),
                readerLimited.isPresent() ? String.format(Locale.ROOT, "%.5f", readerLimited.getAsDouble()) : NONE,
                two(limitedRatio()),
                rssMib,
                pssMib,
                peakMib,
                descriptors,
                descriptorLimit,
                whole(samples),
                whole(missed),
                failures,
                broken().isEmpty());
    }

    static String table(List<CgroupsRow> rows) {
        List<List<String>> cells = new ArrayList<>(List.of(TITLES));
        rows.forEach(row -> cells.add(row.cells()));
        StringBuilder text = new StringBuilder();
        for (int line = 0; line < cells.size(); line++) {
            for (int column = 0; column < TITLES.size(); column++) {
                int at = column;
                int width = cells.stream()
                        .mapToInt(row -> row.get(at).length())
                        .max()
                        .orElseThrow();
                text.append("| ")
                        .append(padded(cells.get(line).get(column), width))
                        .append(' ');
            }
            text.append("|\n");
            if (line == 0) {
                text.append("| --- ".repeat(TITLES.size())).append("|\n");
            }
        }
        rows.forEach(row -> text.append(row.threads()).append('\n'));
        return text.toString();
    }

    private List<String> cells() {
        return List.of(
                Integer.toString(count),
                percent(cost.cpu()),
                percent(readerBefore),
                percent(readerAfter),
                String.format(Locale.ROOT, "%.2f", ratio()),
                readerLimited.isPresent() ? percent(readerLimited.getAsDouble()) : NONE,
                two(limitedRatio()),
                one(rssMib),
                one(pssMib),
                one(peakMib),
                descriptors + " of " + descriptorLimit,
                one(cost.seconds()),
                whole(samples),
                whole(missed),
                Long.toString(failures),
                broken().isEmpty() ? "held" : "NOT HELD: " + String.join(", ", broken()));
    }

    private String threads() {
        return count + " cgroups, CPU % by thread: "
                + cost.cpuByThread().entrySet().stream()
                        .filter(entry -> entry.getValue() >= LEAST_SHOWN)
                        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                        .map(entry -> entry.getKey() + " " + percent(entry.getValue()))
                        .collect(Collectors.joining(", "));
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(width - text.length());
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f", 100 * share);
    }

    private static String two(OptionalDouble value) {
        return value.isPresent() ? String.format(Locale.ROOT, "%.2f", value.getAsDouble()) : NONE;
    }

    private static String one(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private static String whole(OptionalDouble value) {
        return value.isPresent() ? String.format(Locale.ROOT, "%.0f", value.getAsDouble()) : "?";
    }
}
