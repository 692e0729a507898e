package dev.tidemark.agent.xml;

/** Text inside XML. Pure and safe from any thread. */
public final class Xml {

    private Xml() {}

    /**
     * The text as it stands between tags or in a quoted attribute: characters that mean something to XML 1.0 are written as entities,
     * what it cannot have at all is replaced by U+FFFD.
     */
    public static String escaped(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            switch (point) {
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '&' -> escaped.append("&amp;");
                case '"' -> escaped.append("&quot;");
                default -> {
                    boolean space = point == '\t' || point == '\n' || point == '\r';
                    boolean allowed = space
                            || (point >= ' '
                                    && (point < 0xD800 || point > 0xDFFF)
                                    && point != 0xFFFE
                                    && point != 0xFFFF);
                    escaped.appendCodePoint(allowed ? point : 0xFFFD);
                }
            }
        });
        return escaped.toString();
    }
}
