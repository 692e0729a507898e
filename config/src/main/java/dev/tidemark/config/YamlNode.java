package dev.tidemark.config;

import java.util.List;

/** A YAML document as a tree that knows where everything stands, as indexes into the {@link SourceText}. */
sealed interface YamlNode {
    int start();

    /** Past the last code point. */
    int end();

    /** How error messages call such a node. */
    String kind();

    /** How a scalar is written. */
    enum Style {
        PLAIN,
        SINGLE_QUOTED,
        DOUBLE_QUOTED,
        BLOCK
    }

    record Scalar(String text, Style style, int start, int end) implements YamlNode {
        /** Nothing, {@code ~} or {@code null}. */
        boolean isNull() {
            return style == Style.PLAIN && (text.isEmpty() || text.equals("~") || text.equals("null"));
        }

        @Override
        public String kind() {
            return isNull() ? "nothing" : "a single value";
        }
    }

    record Sequence(List<YamlNode> items, int start, int end) implements YamlNode {
        @Override
        public String kind() {
            return "a list";
        }
    }

    record Mapping(List<Entry> entries, int start, int end) implements YamlNode {
        @Override
        public String kind() {
            return "a mapping";
        }
    }

    record Entry(Scalar key, YamlNode value) {}
}
