package dev.tidemark.config;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pattern of cgroup paths, relative to the cgroup root and without a leading slash.
 *
 * <p>{@code *} and {@code ?} stand for any characters and any one character of one path component, {@code [a-z]} and
 * {@code [!a-z]} for one of or none of a set, {@code {a,b}} for alternatives. {@code **} as a whole component stands for
 * any number of components, at the end for at least one: {@code a/**} is everything below {@code a}, {@code a/**}{@code
 * /b} also {@code a/b}. There is no escape character, because systemd puts backslashes into cgroup names: {@code [*]} is
 * a star. The root itself is matched by nothing.
 *
 * <p>Immutable; matching takes time linear in the path for each component of the pattern.
 */
public final class CgroupGlob {
    private final String pattern;
    private final List<GlobPath> alternatives;
    private final @Nullable Span span;

    /**
     * @param pattern as above
     * @throws IllegalArgumentException saying what is wrong with the pattern
     */
    public CgroupGlob(String pattern) {
        this(pattern, null);
    }

    /**
     * @param pattern as above
     * @param span where it stands in a file
     * @throws IllegalArgumentException saying what is wrong with the pattern
     */
    CgroupGlob(String pattern, @Nullable Span span) {
        this.pattern = pattern;
        this.span = span;
        List<GlobPath> parsed = new ArrayList<>();
        for (String alternative : GlobSyntax.alternatives(pattern)) {
            parsed.add(GlobSyntax.path(alternative));
        }
        this.alternatives = List.copyOf(parsed);
    }

    /** The glob of one cgroup alone, whatever characters are in its path. */
    public static CgroupGlob exactly(String path) {
        return new CgroupGlob(path.replaceAll("[*?\\[{}]", "[$0]"));
    }

    public String pattern() {
        return pattern;
    }

    /** Where it stands in the file, or null when it comes from none. No part of what it is: equal patterns are equal globs. */
    public @Nullable Span span() {
        return span;
    }

    /** The pattern with its braces written out. */
    List<GlobPath> alternatives() {
        return alternatives;
    }

    /**
     * Whether the cgroup at {@code path} is meant.
     *
     * @param path relative to the cgroup root, without a leading slash; "" is the root
     */
    public boolean matches(String path) {
        String[] components = components(path);
        return alternatives.stream().anyMatch(alternative -> alternative.matches(components));
    }

    /** Whether something below {@code path} could match; where not, nobody needs to look there. */
    public boolean reaches(String path) {
        String[] components = components(path);
        return alternatives.stream().anyMatch(alternative -> alternative.reaches(components));
    }

    private static String[] components(String path) {
        return path.isEmpty() ? new String[0] : path.split("/", -1);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CgroupGlob glob && glob.pattern.equals(pattern);
    }

    @Override
    public int hashCode() {
        return pattern.hashCode();
    }

    @Override
    public String toString() {
        return pattern;
    }
}
