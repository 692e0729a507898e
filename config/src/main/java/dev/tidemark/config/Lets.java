package dev.tidemark.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The names that a file, or a policy within it, gives to expressions, in their order. A name may use those before it, so there are
 * no cycles.
 *
 * <p>Confined to the thread that reads the file.
 */
final class Lets {
    static final Lets NONE = new Lets(null);

    /**
     * @param body null when its problem is told
     */
    private record Let(@Nullable Expr body, Extent extent, Set<String> uses, Span place) {}

    private final @Nullable Lets outer;
    private final Map<String, Let> known = new LinkedHashMap<>();
    /** The one being read and those further down, and where each stands. */
    private final Map<String, Span> later = new LinkedHashMap<>();

    private @Nullable String reading;
    /** Those used by conditions, or by the name being read. */
    private Set<String> used = new HashSet<>();

    Lets(@Nullable Lets outer) {
        this.outer = outer;
    }

    /** Says that a name will be made, in the order of the announcements. */
    void announce(String name, Span place) {
        later.put(name, place);
    }

    /** Whether it is one of those to be made. */
    boolean isAnnounced(String name) {
        return later.containsKey(name);
    }

    /** Says whose expression is read next. */
    void begin(String name) {
        reading = name;
    }

    /** Where a name stands, or null when there is none. */
    @Nullable
    Span place(String name) {
        @Nullable Let let = known.get(name);
        if (let != null) {
            return let.place;
        }
        @Nullable Span place = later.get(name);
        return place != null ? place : outer == null ? null : outer.place(name);
    }

    /**
     * Makes the next of the announced names; what was used since the name before is what it uses.
     *
     * @param body null when its problem is told
     */
    void add(String name, @Nullable Expr body) {
        Span place = Objects.requireNonNull(later.remove(name), name);
        known.put(name, new Let(body, body == null ? Extent.LEAF : Extent.of(body, this), used, place));
        used = new HashSet<>();
    }

    /** Whether there is such a name, or will be. */
    boolean contains(String name) {
        return place(name) != null;
    }

    /** The expression of a name that {@link #contains}; null when there is a problem with it, which is told. */
    @Nullable
    Expr use(Token name, Problems problems) {
        @Nullable Let let = known.get(name.text());
        if (let != null) {
            used.add(name.text());
            return let.body;
        }
        @Nullable Span place = later.get(name.text());
        if (place != null) {
            used.add(name.text());
            boolean self = name.text().equals(reading);
            problems.add(
                    name.span(),
                    self
                            ? "%s is made of itself".formatted(Shown.quoted(name.text()))
                            : "%s is made further down, in line %d; a name may use those above it"
                                    .formatted(Shown.quoted(name.text()), place.line()));
            return null;
        }
        return outer == null ? null : outer.use(name, problems);
    }

    Extent extent(String name) {
        @Nullable Let let = known.get(name);
        return let != null ? let.extent : outer != null ? outer.extent(name) : Extent.LEAF;
    }

    List<String> names() {
        List<String> names = new ArrayList<>(known.keySet());
        names.addAll(later.keySet());
        if (outer != null) {
            names.addAll(outer.names());
        }
        return names;
    }

    /** Those that no condition uses, not by way of another name either, and where they stand. */
    Map<String, Span> unused() {
        Set<String> reached = new HashSet<>(used);
        Map<String, Span> unused = new LinkedHashMap<>();
        for (Map.Entry<String, Let> entry : List.copyOf(known.entrySet()).reversed()) {
            if (reached.contains(entry.getKey())) {
                reached.addAll(entry.getValue().uses);
            } else {
                unused.put(entry.getKey(), entry.getValue().place);
            }
        }
        return unused;
    }
}
