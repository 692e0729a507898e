package dev.tidemark.config;

import dev.tidemark.config.GlobComponent.Any;
import dev.tidemark.config.GlobComponent.Exactly;
import dev.tidemark.config.GlobComponent.One;
import dev.tidemark.config.GlobComponent.OneOf;
import dev.tidemark.config.GlobComponent.Part;
import dev.tidemark.config.GlobComponent.Range;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads glob patterns; what is wrong with one is the message of an {@link IllegalArgumentException}. */
final class GlobSyntax {
    static final int MAX_LENGTH = 512;
    static final int MAX_ALTERNATIVES = 64;

    private GlobSyntax() {}

    /** Why this is not the path of one cgroup below the root, or null when it is. */
    static @Nullable String notOne(String path) {
        if (path.isEmpty()) {
            return "the root has no limits and events of its own; for the host write host.available";
        }
        if (path.chars().anyMatch(c -> "*?[]{}".indexOf(c) >= 0)) {
            return "here is the path of one cgroup; * ? [ ] { } are not possible";
        }
        if (path.length() > MAX_LENGTH) {
            return "a path has at most " + MAX_LENGTH + " characters but this one has " + path.length();
        }
        try {
            path(path);
            return null;
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** The pattern with its braces written out: {@code a/{b,c}} is {@code a/b} and {@code a/c}. */
    static List<String> alternatives(String pattern) {
        if (pattern.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "a pattern has at most " + MAX_LENGTH + " characters but this one has " + pattern.length());
        }
        List<String> done = List.of("");
        int at = 0;
        while (at < pattern.length()) {
            int open = braceFrom(pattern, at);
            if (open < 0) {
                break;
            }
            int close = pattern.indexOf('}', open);
            if (close < 0) {
                throw new IllegalArgumentException("the '{' is never closed; write {a,b}, or [{] for the character");
            }
            String inside = pattern.substring(open + 1, close);
            if (inside.indexOf('{') >= 0) {
                throw new IllegalArgumentException(
                        "braces inside braces are not supported; write the alternatives out");
            }
            List<String> longer = new ArrayList<>();
            for (String before : done) {
                for (String choice : inside.split(",", -1)) {
                    longer.add(before + pattern.substring(at, open) + choice);
                }
            }
            if (longer.size() > MAX_ALTERNATIVES) {
                throw new IllegalArgumentException(
                        "the braces make more than " + MAX_ALTERNATIVES + " alternatives; use several patterns");
            }
            done = longer;
            at = close + 1;
        }
        String rest = pattern.substring(at);
        return done.stream().map(before -> before + rest).toList();
    }

    /** The next brace that is not the member of a set such as a bracketed brace. */
    private static int braceFrom(String pattern, int from) {
        int at = from;
        while (at < pattern.length()) {
            char c = pattern.charAt(at);
            if (c == '{') {
                return at;
            }
            int close = c == '[' ? setEnd(pattern, at) : -1;
            at = close < 0 ? at + 1 : close + 1;
        }
        return -1;
    }

    static GlobPath path(String pattern) {
        if (pattern.isEmpty()) {
            throw new IllegalArgumentException("the pattern is empty; ** stands for every cgroup below the root");
        }
        if (pattern.startsWith("/")) {
            throw new IllegalArgumentException(
                    "paths are relative to the cgroup root; write them without the leading '/'"
                            + (pattern.startsWith("/sys/fs/cgroup/") ? " and without sys/fs/cgroup" : ""));
        }
        List<GlobComponent> components = new ArrayList<>();
        String[] names = pattern.split("/", -1);
        for (int i = 0; i < names.length; i++) {
            String name = names[i];
            if (name.isEmpty()) {
                throw new IllegalArgumentException(
                        i == names.length - 1
                                ? "a pattern must not end with '/'; add ** for everything below"
                                : "there is nothing between two slashes");
            }
            if (name.equals(".") || name.equals("..")) {
                throw new IllegalArgumentException("'" + name + "' is no cgroup's name; write the path from the root");
            }
            if (name.equals("**")) {
                if (i == names.length - 1) {
                    components.add(GlobComponent.ANY_NAME);
                }
                components.add(GlobComponent.ANY_DEPTH);
            } else {
                components.add(component(name));
            }
        }
        if (components.size() > GlobPath.MAX_COMPONENTS) {
            throw new IllegalArgumentException("a pattern has at most " + GlobPath.MAX_COMPONENTS + " components");
        }
        return new GlobPath(List.copyOf(components));
    }

    private static GlobComponent component(String name) {
        if (name.contains("**")) {
            throw new IllegalArgumentException("** must stand alone between slashes; within a name write *");
        }
        List<Part> parts = new ArrayList<>();
        int at = 0;
        while (at < name.length()) {
            int point = name.codePointAt(at);
            int next = at + Character.charCount(point);
            switch (point) {
                case '*' -> parts.add(Any.INSTANCE);
                case '?' -> parts.add(One.INSTANCE);
                case '[' -> {
                    int close = setEnd(name, at);
                    if (close < 0) {
                        throw new IllegalArgumentException(
                                "the '[' is never closed; write [a-z], or [[] for the character");
                    }
                    parts.add(set(name.substring(at + 1, close)));
                    next = close + 1;
                }
                case '}' -> throw new IllegalArgumentException("a '}' without '{'; write [}] for the character");
                default -> {
                    if (Character.isISOControl(point)) {
                        throw new IllegalArgumentException("a cgroup's name has no control characters");
                    }
                    parts.add(new Exactly(point));
                }
            }
            at = next;
        }
        return new GlobComponent(parts);
    }

    /** The index of the bracket that closes the set opened at {@code open}; one that comes first is a member. */
    private static int setEnd(String text, int open) {
        int first = open + 1;
        if (first < text.length() && (text.charAt(first) == '!' || text.charAt(first) == '^')) {
            first++;
        }
        int close = text.indexOf(']', first + 1);
        int slash = text.indexOf('/', open);
        return slash >= 0 && slash < close ? -1 : close;
    }

    private static OneOf set(String inside) {
        boolean negated = inside.startsWith("!") || inside.startsWith("^");
        int[] points = inside.substring(negated ? 1 : 0).codePoints().toArray();
        List<Range> ranges = new ArrayList<>();
        int at = 0;
        while (at < points.length) {
            int first = points[at];
            boolean range = at + 2 < points.length && points[at + 1] == '-';
            int last = range ? points[at + 2] : first;
            if (last < first) {
                throw new IllegalArgumentException("the range " + Shown.character(first) + " to "
                        + Shown.character(last) + " is the wrong way round");
            }
            ranges.add(new Range(first, last));
            at += range ? 3 : 1;
        }
        return new OneOf(negated, ranges);
    }
}
