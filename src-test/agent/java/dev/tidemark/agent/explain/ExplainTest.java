package dev.tidemark.agent.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.agent.xml.Xml;
import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.Policy;
import dev.tidemark.config.PolicyFile;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ExplainTest {

    private static final String BATCH = """
            version: 1
            policies:
              - name: batch
                cgroups: ["batch.slice/*.service"]
                exclude: ["batch.slice/db-*.service"]
                start: usage > 80% of limit or (psi.some over 2s > 1% and rate(pgscan, 5s) > 1000/s) for 1s
                stop: usage < 60% of limit
                reclaim: { batch: 4MiB, swappiness: max }
                limits: { bytes: 128MiB/s, time: 10ms/s, swap_out: 1MiB/s, floor: 64MiB }
                priority: 2
                weight: 250
                cooldown: 5s
            """;

    private static final String PROTECT = """
              - name: protect
                cgroups: ["batch.slice/**"]
                watch: ["web.slice/*"]
                start: >-
                  psi.some trigger 150ms/1s hold 10s or 2 of (psi.io.some over 5s > 10%, host.available < 1GiB,
                  cgroup("a\\"b<c>&.slice").usage > 2GiB, max(usage, 1m) > 90% of limit) then
                  rising(rate(events.high, 5s) > 0/s) hold 5s within 30s
                stop: not (psi.some over 30s > 0.1%) and any(quantile(usage, 95%, 1m) < 80% of limit)
                no_data: hold
            """;

    static List<Policy> policies(String text) {
        return switch (PolicyFile.parse("p.yaml", text, new HostMemory(8L << 30, 4096))) {
            case Checked.Valid<PolicyFile>(PolicyFile file) -> file.policies();
            case Checked.Invalid<PolicyFile>(var problems) -> throw new AssertionError(problems.toString());
        };
    }

    @Test
    void textShowsThePipelineFromFilesToLimits() {
        assertThat(Explain.text(policies(BATCH))).isEqualTo("""
                policy batch
                  acts on     batch.slice/*.service
                  but not     batch.slice/db-*.service
                  decided by  each for itself, by its own signals
                  reads       each 1s; usage also in between near a watermark
                              memory.current                          usage
                              memory.max, memory.high up to the root  limit
                              memory.pressure                         psi.some.total
                              memory.stat                             pgscan
                  START       any of
                              ├─ usage > 80% of limit
                              └─ held for 1s without a break
                                 └─ all of
                                    ├─ rate(psi.some.total, 2s) > 1%
                                    └─ rate(pgscan, 5s) > 1000/s
                  STOP        usage < 60% of limit
                  states      inactive -> pending   START would hold but for its wait
                              pending  -> active    START holds and STOP does not
                              pending  -> inactive  START lapses, or STOP holds
                              active   -> stopping  STOP holds, or nothing was seen for 3s
                              stopping -> cooldown  nothing is in flight any more
                              cooldown -> inactive  5s have gone by
                  reclaim     law watermark: what lies above the usage at which STOP holds, at most 4MiB a write
                              swappiness max: anonymous memory only
                  limits      at most 128MiB/s over all its cgroups
                              writes cost at most 1% of a CPU
                              at most 1MiB/s to swap
                              nothing below 64MiB of usage
                              a write is cut short after 500ms
                              priority 2 where more wait than can be served
                              weight 250 among those of its priority
                  guards      protection: nothing below what memory.min and memory.low keep, up to the root
                              swap: file pages only while less than 64MiB of swap is left
                """);
    }

    @Test
    void textFitsAHundredColumnsAndNamesEverything() {
        String text = Explain.text(policies(BATCH + PROTECT));

        assertThat(text.lines())
                .allSatisfy(line ->
                        assertThat(line.codePointCount(0, line.length())).isLessThanOrEqualTo(100));
        assertThat(text)
                .contains(
                        "the signals of web.slice/*; one of them is enough",
                        "memory.pressure (pushed)",
                        "psi.some trigger 150ms/1s",
                        "/proc/meminfo",
                        "a\"b<c>&.slice: memory.current",
                        "at least 2 of",
                        "the first, then the second within 30s",
                        "comes to hold",
                        "kept for 5s after",
                        "for any of the watched cgroups",
                        "STOP holds; when nothing is seen it goes on");
    }

    @Test
    void aNameFromLetIsShownBeforeWhatItStandsFor() {
        String text =
                Explain.text(policies(BATCH.replace("policies:", "let: { pressed: psi.some over 2s > 1% }\npolicies:")
                        .replace("psi.some over 2s > 1%  and", "pressed and")
                        .replace("(psi.some over 2s > 1% and", "(pressed and")));

        assertThat(text).contains("├─ pressed: rate(psi.some.total, 2s) > 1%");
    }

    private static final String LABEL = "\"[^\"\\n]*\"";
    private static final Pattern NODE = Pattern.compile(
            "    (n\\d+)(?:\\[\\(LABEL\\)]|\\[\\[LABEL]]|\\(\\[LABEL]\\)|\\[LABEL]|\\{\\{LABEL}}|\\(LABEL\\))"
                    .replace("LABEL", LABEL));
    private static final Pattern EDGE = Pattern.compile("    (n\\d+) -->(?:\\|" + LABEL + "\\|)? (n\\d+)");
    private static final Pattern GROUP = Pattern.compile("  subgraph (n\\d+)\\[" + LABEL + "]");

    @Test
    void mermaidIsWellFormed() {
        List<String> lines = Explain.mermaid(policies(BATCH + PROTECT)).lines().toList();

        assertThat(lines.getFirst()).isEqualTo("flowchart LR");
        Set<String> nodes = new HashSet<>();
        List<String> ends = new ArrayList<>();
        int open = 0;
        int groups = 0;
        for (String line : lines.subList(1, lines.size())) {
            Matcher node = NODE.matcher(line);
            Matcher edge = EDGE.matcher(line);
            Matcher group = GROUP.matcher(line);
            if (node.matches()) {
                assertThat(nodes.add(node.group(1))).as(line).isTrue();
                assertThat(open).isEqualTo(1);
            } else if (edge.matches()) {
                ends.add(edge.group(1));
                ends.add(edge.group(2));
            } else if (group.matches()) {
                assertThat(nodes.add(group.group(1))).as(line).isTrue();
                open++;
                groups++;
            } else if (line.equals("  end")) {
                open--;
            } else {
                assertThat(line).isEqualTo("    direction LR");
            }
        }
        assertThat(open).isZero();
        assertThat(groups).isEqualTo(2);
        assertThat(nodes).containsAll(ends);
    }

    @Test
    void mermaidLabelsCannotBreakOut() {
        assertThat(MermaidView.quoted("a \"b\" <c> & `d` #e; [f]{g}\nh"))
                .isEqualTo("\"a #34;b#34; #60;c#62; #38; #96;d#96; #35;e#59; #91;f#93;#123;g#125;<br/>h\"");
    }

    private static Document svg(String text) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(text)));
    }

    private record Rect(double x, double y, double width, double height, String title) {
        boolean meets(Rect other) {
            return x < other.x + other.width
                    && other.x < x + width
                    && y < other.y + other.height
                    && other.y < y + height;
        }
    }

    private static List<Rect> boxes(Document document) {
        List<Rect> boxes = new ArrayList<>();
        NodeList all = document.getElementsByTagName("rect");
        for (int i = 0; i < all.getLength(); i++) {
            Element rect = (Element) all.item(i);
            if (rect.getAttribute("class").startsWith("box")) {
                boxes.add(new Rect(
                        number(rect, "x"),
                        number(rect, "y"),
                        number(rect, "width"),
                        number(rect, "height"),
                        rect.getParentNode().getFirstChild().getTextContent()));
            }
        }
        return boxes;
    }

    private static double number(Element element, String attribute) {
        return Double.parseDouble(element.getAttribute(attribute));
    }

    @Test
    void svgIsWellFormedAndSaysWhatItShows() throws Exception {
        Document document = svg(Explain.svg(policies(BATCH + PROTECT)));

        Element root = document.getDocumentElement();
        assertThat(root.getAttribute("role")).isEqualTo("img");
        assertThat(root.getAttribute("aria-labelledby")).isEqualTo("title description");
        assertThat(document.getElementsByTagName("title").item(0).getTextContent())
                .isEqualTo("Tidemark: policies batch, protect");
        assertThat(document.getElementsByTagName("style").item(0).getTextContent())
                .contains("prefers-color-scheme: dark")
                .doesNotContain("url(", "@import");
        assertThat(boxes(document))
                .extracting(Rect::title)
                .contains("START", "STOP", "state active", "usage > 80% of limit", "a\"b<c>&.slice: memory.current");
    }

    @Test
    void svgBoxesDoNotOverlapAndLieInThePicture() throws Exception {
        String deep = BATCH.replace(
                "start: usage",
                "start: not (usage < 1MiB for 1s or (usage > 2GiB and not (psi.full over 1m > 5% hold 10s)) for 2s) and usage");
        for (String text : List.of(BATCH, BATCH + PROTECT, deep)) {
            Document document = svg(Explain.svg(policies(text)));
            List<Rect> boxes = boxes(document);
            double width = number(document.getDocumentElement(), "width");
            double height = number(document.getDocumentElement(), "height");
            for (Rect box : boxes) {
                assertThat(box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height)
                        .as("%s in %s x %s", box, width, height)
                        .isTrue();
                assertThat(boxes).filteredOn(box::meets).containsExactly(box);
            }
        }
    }

    @Test
    void svgTextFitsItsBox() throws Exception {
        NodeList texts = svg(Explain.svg(policies(BATCH + PROTECT))).getElementsByTagName("text");
        for (int i = 0; i < texts.getLength(); i++) {
            Element text = (Element) texts.item(i);
            Element group = (Element) text.getParentNode();
            NodeList rects = group.getElementsByTagName("rect");
            if (rects.getLength() == 1) {
                Element box = (Element) rects.item(0);
                double right = number(text, "x") + text.getTextContent().length() * 7.3;
                assertThat(right).isLessThanOrEqualTo(number(box, "x") + number(box, "width"));
                assertThat(number(text, "y")).isBetween(number(box, "y"), number(box, "y") + number(box, "height"));
            }
        }
    }

    @Test
    void xmlHasNoCharacterThatItMayNotHave() throws Exception {
        String text = "a\u0000\u0007<>&\"\uD800\uFFFE\uD83D\uDE00";

        assertThat(svg("<svg>" + Xml.escaped(text) + "</svg>")
                        .getDocumentElement()
                        .getTextContent())
                .isEqualTo("a\uFFFD\uFFFD<>&\"\uFFFD\uFFFD\uD83D\uDE00");
    }
}
