package dev.tidemark.config;

import java.util.List;

/** A pattern of one path component. */
final class GlobComponent {
    /** Matches any one name; {@link GlobPath} lets it match any number of them. */
    static final GlobComponent ANY_DEPTH = new GlobComponent(List.of(Any.INSTANCE));

    static final GlobComponent ANY_NAME = new GlobComponent(List.of(Any.INSTANCE));

    /** What a position of the pattern takes. */
    sealed interface Part {
        boolean takes(int point);
    }

    /** {@code *}: any number of characters. */
    enum Any implements Part {
        INSTANCE;

        @Override
        public boolean takes(int point) {
            return true;
        }
    }

    /** {@code ?}: one character. */
    enum One implements Part {
        INSTANCE;

        @Override
        public boolean takes(int point) {
            return true;
        }
    }

    record Exactly(int expected) implements Part {
        @Override
        public boolean takes(int point) {
            return point == expected;
        }
    }

    /** Pairs of first and last. */
    record OneOf(boolean negated, List<Range> ranges) implements Part {
        @Override
        public boolean takes(int point) {
            return negated != ranges.stream().anyMatch(range -> range.first <= point && point <= range.last);
        }
    }

    record Range(int first, int last) {}

    private final List<Part> parts;

    GlobComponent(List<Part> parts) {
        this.parts = List.copyOf(parts);
    }

    List<Part> parts() {
        return parts;
    }

    /** Greedy with one place to go back to: the last star. Never worse than name length times pattern length. */
    boolean matches(String name) {
        int[] points = name.codePoints().toArray();
        int at = 0;
        int part = 0;
        int starPart = -1;
        int starAt = 0;
        while (at < points.length) {
            if (part < parts.size() && parts.get(part) == Any.INSTANCE) {
                starPart = part++;
                starAt = at;
            } else if (part < parts.size() && parts.get(part).takes(points[at])) {
                part++;
                at++;
            } else if (starPart >= 0) {
                part = starPart + 1;
                at = ++starAt;
            } else {
                return false;
            }
        }
        while (part < parts.size() && parts.get(part) == Any.INSTANCE) {
            part++;
        }
        return part == parts.size();
    }
}
