package dev.tidemark.agent.simulate;

import dev.tidemark.agent.simulate.Table.Cell;
import dev.tidemark.agent.simulate.Table.Row;
import dev.tidemark.agent.simulate.Table.Section;
import dev.tidemark.agent.xml.Xml;
import java.util.List;

/** The table and the picture on one page that needs nothing else, for web and print. It is well-formed XML. */
final class ReportHtml {

    private static final String STYLE = """
            <style>
              :root { color-scheme: light dark; }
              body { margin: 24px; max-width: 1040px; color: #1c2430; background: #ffffff;
                     font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
              h1 { font-size: 20px; } p { color: #5b6675; }
              table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 16px 0 28px; }
              th, td { padding: 2px 12px 2px 0; text-align: left; font-weight: normal; }
              thead th, tbody th.section { font-weight: bold; }
              tbody th.section { padding-top: 14px; border-bottom: 1px solid #c3cad4; }
              .value { text-align: right; padding: 2px 6px 2px 18px; white-space: nowrap; }
              .ratio, .note { color: #5b6675; white-space: nowrap; font-weight: normal; }
              svg { max-width: 100%; height: auto; }
              @media screen and (prefers-color-scheme: dark) {
                body { color: #e6eaf0; background: #14181f; }
                p, .ratio, .note { color: #9aa6b5; }
                tbody th.section { border-color: #3a4453; }
              }
            </style>
            """;

    private final Plan plan;
    private final List<Column> columns;
    private final StringBuilder out = new StringBuilder();

    ReportHtml(Plan plan, List<Column> columns) {
        this.plan = plan;
        this.columns = columns;
    }

    String text() {
        String title = Xml.escaped(plan.name());
        out.append("<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n")
                .append("<meta charset=\"utf-8\"/>\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>")
                .append(title)
                .append("</title>\n")
                .append(STYLE)
                .append("</head>\n<body>\n<h1>")
                .append(title)
                .append("</h1>\n<p>")
                .append(Xml.escaped(ReportText.footnote(plan, columns.size() > 1)))
                .append("</p>\n");
        table();
        out.append(Plot.svg(plan, columns)).append("</body>\n</html>\n");
        return out.toString();
    }

    private void table() {
        out.append("<table>\n<thead><tr><th></th>");
        for (Column column : columns) {
            out.append("<th class=\"value\" scope=\"col\">")
                    .append(Xml.escaped(column.name()))
                    .append("</th><th></th>");
        }
        out.append("</tr></thead>\n<tbody>\n");
        for (Section section : Table.of(plan, columns)) {
            out.append("<tr><th class=\"section\" colspan=\"")
                    .append(1 + 2 * columns.size())
                    .append("\">")
                    .append(Xml.escaped(section.title()))
                    .append(" <span class=\"note\">")
                    .append(Xml.escaped(section.note()))
                    .append("</span></th></tr>\n");
            section.rows().forEach(this::row);
        }
        out.append("</tbody>\n</table>\n");
    }

    private void row(Row row) {
        out.append("<tr><th scope=\"row\">").append(Xml.escaped(row.label())).append("</th>");
        for (Cell cell : row.cells()) {
            out.append("<td class=\"value\">")
                    .append(Xml.escaped(cell.text()))
                    .append("</td><td class=\"ratio\">")
                    .append(Xml.escaped(cell.ratio()))
                    .append("</td>");
        }
        out.append("</tr>\n");
    }
}
