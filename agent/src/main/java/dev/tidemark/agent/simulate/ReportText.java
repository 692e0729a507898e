package dev.tidemark.agent.simulate;

import dev.tidemark.agent.simulate.Table.Cell;
import dev.tidemark.agent.simulate.Table.Row;
import dev.tidemark.agent.simulate.Table.Section;
import dev.tidemark.config.Unit;
import java.util.List;
import java.util.function.UnaryOperator;

/** The table on a terminal: figures right-aligned under their column's name, ratios beside them. */
final class ReportText {

    private static final int INDENT = 2;
    private static final int GAP = 3;

    private final Plan plan;
    private final List<Column> columns;
    private final List<Section> sections;
    private final UnaryOperator<String> bold;
    private final UnaryOperator<String> faint;
    private final int labelWidth;
    private final int[] textWidths;
    private final int[] ratioWidths;
    private final StringBuilder out = new StringBuilder();

    ReportText(Plan plan, List<Column> columns, UnaryOperator<String> bold, UnaryOperator<String> faint) {
        this.plan = plan;
        this.columns = columns;
        this.bold = bold;
        this.faint = faint;
        sections = Table.of(plan, columns);
        labelWidth = sections.stream()
                .flatMap(section -> section.rows().stream())
                .mapToInt(row -> INDENT + row.label().length())
                .max()
                .orElse(0);
        textWidths = new int[columns.size()];
        ratioWidths = new int[columns.size()];
        for (Section section : sections) {
            for (Row row : section.rows()) {
                for (int i = 0; i < columns.size(); i++) {
                    Cell cell = row.cells().get(i);
                    textWidths[i] = Math.max(textWidths[i], cell.text().length());
                    ratioWidths[i] = Math.max(ratioWidths[i], cell.ratio().length());
                }
            }
        }
        for (int i = 0; i < columns.size(); i++) {
            textWidths[i] = Math.max(textWidths[i], columns.get(i).name().length());
        }
    }

    String text() {
        out.append(bold.apply(plan.name())).append(", on the model of the kernel, in virtual time\n");
        for (Section section : sections) {
            section(section);
        }
        out.append('\n').append(faint.apply(footnote(plan, columns.size() > 1))).append('\n');
        return out.toString();
    }

    /** What a reader has to know before he believes the figures. */
    static String footnote(Plan plan, boolean compared) {
        return (compared ? "\u00d7 is the ratio to the first column. " : "")
                + "Usage was looked at every " + Unit.DURATION.format(Table.seconds(plan.step()))
                + "; all else is counted.\nA model leaves things out (docs/model.md says which): compare columns with each "
                + "other, not with a host.";
    }

    private void section(Section section) {
        out.append('\n');
        StringBuilder heading = new StringBuilder(section.title());
        if (!section.note().isEmpty()) {
            heading.append("  (").append(section.note()).append(')');
        }
        if (out.indexOf("\n\n") == out.length() - 2) {
            // The columns' names stand in the first heading.
            line("", columns.stream().map(column -> new Cell(column.name(), "")).toList(), bold);
        }
        out.append(bold.apply(heading.toString())).append('\n');
        for (Row row : section.rows()) {
            line(" ".repeat(INDENT) + row.label(), row.cells(), UnaryOperator.identity());
        }
    }

    private void line(String label, List<Cell> cells, UnaryOperator<String> style) {
        StringBuilder line = new StringBuilder(padded(label, labelWidth));
        for (int i = 0; i < cells.size(); i++) {
            Cell cell = cells.get(i);
            line.append(" ".repeat(GAP + textWidths[i] - cell.text().length())).append(style.apply(cell.text()));
            if (ratioWidths[i] > 0) {
                line.append(' ').append(faint.apply(padded(cell.ratio(), ratioWidths[i])));
            }
        }
        out.append(line.toString().stripTrailing()).append('\n');
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }
}
