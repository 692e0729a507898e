package dev.tidemark.agent.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import java.io.StringReader;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class JUnitXmlTest {

    /** Names come from files, and the parser must take whatever is in them. */
    @Test
    void anyTextGivesXmlThatCanBeRead() {
        Check.forAll(300, Gen.anyStrings(), text -> {
            JUnitXml xml = new JUnitXml();
            xml.unreadable(text, "problem " + text);

            Element root = parsed(xml.text());
            assertThat(root.getElementsByTagName("error").getLength()).isEqualTo(1);
        });
    }

    @Test
    void linesStayLinesAndWhatXmlHasNoPlaceForIsShownAsUnreadable() {
        JUnitXml xml = new JUnitXml();
        xml.unreadable("f", "a<b>&\"\n\tc\u0000\u001B[31m");

        assertThat(parsed(xml.text()).getElementsByTagName("error").item(0).getTextContent())
                .isEqualTo("a<b>&\"\n\tc\uFFFD\uFFFD[31m");
    }

    private static Element parsed(String text) {
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(text)))
                    .getDocumentElement();
        } catch (Exception e) {
            throw new AssertionError(text, e);
        }
    }
}
