package dev.tidemark.agent.simulate;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** A picture as a reader of XML sees it. */
record Drawing(Element root) {

    /** A text and the place it takes, by the widest common font. */
    record Label(String text, double left, double top, double right, double bottom) {
        boolean overlaps(Label other) {
            return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
        }
    }

    static Drawing of(String xml) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            Document document = factory.newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
            return new Drawing(document.getDocumentElement());
        } catch (ParserConfigurationException | SAXException | IOException e) {
            throw new AssertionError("not well-formed", e);
        }
    }

    /** Elements of a name below an element. */
    static List<Element> all(Element parent, String name) {
        NodeList found = parent.getElementsByTagName(name);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < found.getLength(); i++) {
            elements.add((Element) found.item(i));
        }
        return elements;
    }

    /** The group of one cgroup in one column. */
    Element panel(String cgroup, String column) {
        return all(root, "g").stream()
                .filter(group -> group.getAttribute("aria-label").equals("cgroup " + cgroup + ", " + column))
                .findFirst()
                .orElseThrow();
    }

    /** How many pieces the marks of a kind have, and the marks themselves. */
    static int pieces(Element panel, String kind) {
        return marks(panel, kind).stream()
                .mapToInt(path -> (int)
                        path.getAttribute("d").chars().filter(c -> c == 'M').count())
                .sum();
    }

    static List<Element> marks(Element panel, String kind) {
        return all(panel, "path").stream()
                .filter(path -> path.getAttribute("class").equals(kind))
                .toList();
    }

    List<Label> labels() {
        return all(root, "text").stream().map(Drawing::label).toList();
    }

    private static Label label(Element text) {
        List<String> kinds = List.of(text.getAttribute("class").split(" "));
        double size = kinds.contains("title") ? 18 : kinds.contains("cgroup") ? 14 : kinds.contains("column") ? 12 : 11;
        double width = text.getTextContent().length() * size * 0.6;
        double x = Double.parseDouble(text.getAttribute("x"));
        double y = Double.parseDouble(text.getAttribute("y"));
        double left = kinds.contains("right") ? x - width : kinds.contains("middle") ? x - width / 2 : x;
        return new Label(text.getTextContent(), left, y - 0.75 * size, left + width, y + 0.2 * size);
    }
}
