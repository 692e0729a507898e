import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Reads what the guests reported, writes {@code results.jsonl} (every line of every cell) and prints a table a scenario.
 * Run as {@code java Table.java RESULTS_FOLDER}; ends with 0 when all cells held, 1 when one did not.
 *
 * <p>{@code cells.tsv} has a line a cell: scenario folder, kernel, version, MGLRU, outcome, folder of the cell. The cell's
 * {@code results} has lines of a kind and {@code key=value} pairs. What becomes a column and what must hold is told by the
 * file {@code table} in the scenario's folder.
 */
public final class Table {

    /** One line a guest emitted. */
    record Line(String kind, Map<String, String> values) {

        static Line parse(String text) {
            String[] words = text.strip().split(" +");
            Map<String, String> values = new LinkedHashMap<>();
            for (int i = 1; i < words.length; i++) {
                int equals = words[i].indexOf('=');
                if (equals > 0) {
                    values.put(words[i].substring(0, equals), words[i].substring(equals + 1));
                }
            }
            return new Line(words[0], values);
        }
    }

    record Cell(Path scenario, String kernel, String version, String mglru, String outcome, List<Line> lines) {

        static Cell read(String row) {
            String[] fields = row.split("\t", -1);
            List<Line> lines = readLines(Path.of(fields[5], "results")).stream()
                    .filter(line -> !line.isBlank() && !line.matches("(log|begin|end)( .*)?"))
                    .map(Line::parse)
                    .toList();
            return new Cell(Path.of(fields[0]), fields[1], fields[2], fields[3], fields[4], lines);
        }

        boolean ok() {
            return outcome.equals("ok");
        }

        /** All values of a figure such as {@code agent.max}, in the order of the runs. */
        List<Double> values(String figure) {
            return texts(figure).stream().map(Table::number).toList();
        }

        /** The same as they were reported. */
        List<String> texts(String figure) {
            int dot = figure.indexOf('.');
            String key = figure.substring(dot + 1);
            return lines.stream()
                    .filter(line -> line.kind().equals(figure.substring(0, dot)) && line.values().containsKey(key))
                    .map(line -> line.values().get(key))
                    .toList();
        }
    }

    /** @param figures such as {@code agent.max}; a {@code *} in one stands for the row's name */
    record Column(String title, String form, List<String> figures) {

        static Column parse(String text) {
            String[] parts = text.split("\\|");
            if (parts.length != 3) {
                throw new IllegalArgumentException("expected \"column TITLE | FORM | FIGURE...\" but found: column " + text);
            }
            return new Column(parts[0].strip(), parts[1].strip(), List.of(parts[2].strip().split(" +")));
        }

        String show(Cell cell, String row) {
            String figure = of(row, figures.getFirst());
            List<Double> values = cell.values(figure);
            if (values.isEmpty()) {
                return "-";
            }
            return switch (form) {
                case "count" -> Integer.toString(values.size());
                case "sum" -> plain(values.stream().mapToDouble(Double::doubleValue).sum());
                case "spread" -> spread(values);
                case "value" -> plain(values.getLast());
                case "micros" -> plain(values.getLast() / 1000) + " ms";
                case "mib" -> String.format(Locale.ROOT, "%.1f", values.stream().mapToDouble(Double::doubleValue).sum() / (1 << 20));
                case "text" -> String.join(", ", new LinkedHashSet<>(cell.texts(figure)));
                case "ratio" -> ratio(values, cell.values(of(row, figures.get(1))));
                default -> throw new IllegalArgumentException("no form \"" + form
                        + "\"; there are count, sum, spread, value, micros, mib, ratio and text");
            };
        }
    }

    /** @param beside the figure whose median a tolerance is a share of; empty when nothing is tolerated */
    record Hold(String figure, double most, Optional<String> beside) {

        static Hold parse(String text) {
            String[] words = text.strip().split(" +");
            return new Hold(
                    words[0],
                    Double.parseDouble(words[1]),
                    words.length > 2 ? Optional.of(words[2]) : Optional.empty());
        }

        /** Whether it is about this row: one with a {@code *} is about each, any other about the row of its kind or all rows there are. */
        boolean isOf(String row, List<String> rows) {
            return figure.contains("*") || !rows.contains(kind()) || kind().equals(row);
        }

        private String kind() {
            return figure.substring(0, figure.indexOf('.'));
        }

        /** A figure that was never reported did not hold. */
        boolean holds(Cell cell, String row, double tolerance) {
            List<Double> values = cell.values(of(row, figure));
            double bound = most + tolerance * beside.map(other -> of(row, other)).map(cell::values).filter(other -> !other.isEmpty()).map(Table::median).orElse(0.0);
            return !values.isEmpty() && values.stream().allMatch(value -> value <= bound);
        }

        String name() {
            return figure.substring(figure.indexOf('.') + 1);
        }
    }

    /** @param held whether the cell counts as held, with what is tolerated */
    record Verdict(String text, boolean held) {}

    /** @param rows the rows that each cell has, by the kind of line that stands for {@code *} in a figure; a cell has at least one */
    record Layout(List<String> rows, List<Column> columns, List<Hold> holds) {

        static Layout read(Path scenario) {
            List<String> rows = new ArrayList<>();
            List<Column> columns = new ArrayList<>();
            List<Hold> holds = new ArrayList<>();
            for (String line : readLines(scenario.resolve("table"))) {
                if (line.startsWith("rows ")) {
                    rows.addAll(List.of(line.substring(5).strip().split(" +")));
                } else if (line.startsWith("column ")) {
                    columns.add(Column.parse(line.substring(7)));
                } else if (line.startsWith("hold ")) {
                    holds.add(Hold.parse(line.substring(5)));
                } else if (!line.isBlank() && !line.startsWith("#")) {
                    throw new IllegalArgumentException(scenario.resolve("table")
                            + ": a line begins with \"rows\", \"column\", \"hold\" or \"#\", but found: " + line);
                }
            }
            return new Layout(rows.isEmpty() ? List.of(NO_ROW) : rows, columns, holds);
        }

        boolean held(Cell cell, double tolerance) {
            return rows.stream().allMatch(row -> verdict(cell, row, tolerance).held());
        }

        Verdict verdict(Cell cell, String row, double tolerance) {
            if (!cell.ok()) {
                return new Verdict(cell.outcome(), false);
            }
            String strictly = broken(cell, row, 0);
            String broken = broken(cell, row, tolerance);
            if (!broken.isEmpty()) {
                return new Verdict("NOT HELD: " + broken, false);
            }
            return new Verdict(strictly.isEmpty() ? "held" : "tolerated, not held: " + strictly, true);
        }

        private String broken(Cell cell, String row, double tolerance) {
            return holds.stream()
                    .filter(hold -> hold.isOf(row, rows) && !hold.holds(cell, row, tolerance))
                    .map(Hold::name)
                    .collect(Collectors.joining(", "));
        }
    }

    private static final List<String> KEYS = List.of("kernel", "MGLRU");
    private static final String NO_ROW = "";

    /** A figure as it is called in a row. */
    private static String of(String row, String figure) {
        return figure.replace("*", row);
    }

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        List<Cell> cells = readLines(folder.resolve("cells.tsv")).stream().map(Cell::read).toList();
        Files.write(folder.resolve("results.jsonl"), cells.stream().flatMap(cell -> jsonLines(cell).stream()).toList());
        double tolerance = Double.parseDouble(arguments[1]) / 100;
        boolean held = true;
        Map<Path, List<Cell>> scenarios =
                cells.stream().collect(Collectors.groupingBy(Cell::scenario, LinkedHashMap::new, Collectors.toList()));
        for (Map.Entry<Path, List<Cell>> entry : scenarios.entrySet()) {
            Layout layout = Layout.read(entry.getKey());
            System.out.println(entry.getKey().getFileName() + ", median and (least..most) of the runs of a cell:");
            System.out.println(table(entry.getValue(), layout, tolerance));
            held &= entry.getValue().stream().allMatch(cell -> layout.held(cell, tolerance));
        }
        System.exit(held ? 0 : 1);
    }

    private static String table(List<Cell> cells, Layout layout, double tolerance) {
        List<List<String>> rows = new ArrayList<>();
        List<String> header = new ArrayList<>(KEYS);
        boolean named = !layout.rows().equals(List.of(NO_ROW));
        if (named) {
            header.add("run");
        }
        layout.columns().forEach(column -> header.add(column.title()));
        header.add("verdict");
        rows.add(header);
        for (Cell cell : cells) {
            for (String name : layout.rows()) {
                List<String> row = new ArrayList<>(List.of(cell.version(), cell.mglru()));
                if (named) {
                    row.add(name);
                }
                layout.columns().forEach(column -> row.add(column.show(cell, name)));
                row.add(layout.verdict(cell, name, tolerance).text());
                rows.add(row);
            }
        }
        int[] widths = new int[header.size()];
        rows.forEach(row -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        });
        StringBuilder text = new StringBuilder();
        for (int r = 0; r < rows.size(); r++) {
            text.append(line(rows.get(r), widths));
            if (r == 0) {
                List<String> rule = new ArrayList<>();
                for (int width : widths) {
                    rule.add("-".repeat(width));
                }
                text.append(line(rule, widths));
            }
        }
        return text.toString();
    }

    private static String line(List<String> fields, int[] widths) {
        StringBuilder text = new StringBuilder("|");
        for (int i = 0; i < widths.length; i++) {
            text.append(' ').append(fields.get(i)).append(" ".repeat(widths[i] - fields.get(i).length())).append(" |");
        }
        return text.append('\n').toString();
    }

    private static List<String> jsonLines(Cell cell) {
        List<String> json = new ArrayList<>();
        json.add(json(cell, "cell", Map.of("outcome", cell.outcome())));
        cell.lines().forEach(line -> json.add(json(cell, line.kind(), line.values())));
        return json;
    }

    private static String json(Cell cell, String kind, Map<String, String> values) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("scenario", cell.scenario().getFileName().toString());
        all.put("kernel", cell.kernel());
        all.put("version", cell.version());
        all.put("mglru", cell.mglru());
        all.put("kind", kind);
        values.forEach(all::putIfAbsent);
        return all.entrySet().stream()
                .map(entry -> quoted(entry.getKey()) + ":" + jsonValue(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
    }

    /** Figures are numbers; what only looks like one (a kernel's 6.1) stays text. */
    private static String jsonValue(String key, String value) {
        boolean figure = !key.equals("kernel") && !key.equals("version") && value.matches("-?(0|[1-9][0-9]*)([.][0-9]+)?");
        return figure ? value : quoted(value);
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    private static String spread(List<Double> values) {
        double least = values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
        double most = values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        return least == most ? plain(least) : plain(median(values)) + " (" + plain(least) + ".." + plain(most) + ")";
    }

    private static String ratio(List<Double> above, List<Double> below) {
        return below.isEmpty() ? "-" : String.format(Locale.ROOT, "%.2f", median(above) / median(below));
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private static double number(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return Double.NaN; // shown as such, and never within a bound
        }
    }

    private static String plain(double value) {
        if (Double.isNaN(value)) {
            return "?";
        }
        return value == Math.rint(value) ? Long.toString((long) value) : String.format(Locale.ROOT, "%.1f", value);
    }

    private static List<String> readLines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + file, e);
        }
    }
}
