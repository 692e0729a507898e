package dev.tidemark.config;

import dev.tidemark.config.YamlNode.Entry;
import dev.tidemark.config.YamlNode.Mapping;
import org.jspecify.annotations.Nullable;

/** Reads {@code let}: a mapping from names to expressions, each of which may use the names above it. */
final class LetReader {
    static final String NAME = "[a-z][a-z0-9_]{0,62}";

    private LetReader() {}

    /**
     * @param scope its names may be used, and may not be made again
     */
    static Lets read(YamlNode node, FileScope scope) {
        Lets lets = new Lets(scope.lets());
        Problems problems = scope.problems();
        if (!(node instanceof Mapping mapping)) {
            problems.add(node, "let is a mapping from names to expressions, but here is " + node.kind());
            return lets;
        }
        scope.scopes().add(lets);
        for (Entry entry : mapping.entries()) {
            Span place = problems.source().span(entry.key().start(), entry.key().end());
            @Nullable String wrong = wrong(entry.key().text(), scope.lets());
            if (wrong == null) {
                lets.announce(entry.key().text(), place);
            } else {
                // Not a name then: where it is used, a signal or an outer name is meant.
                problems.add(place, wrong);
            }
        }
        for (Entry entry : mapping.entries()) {
            String name = entry.key().text();
            lets.begin(name);
            @Nullable Expr body = scope.values().expression(entry.value(), Shown.line(name), lets);
            if (lets.isAnnounced(name)) {
                lets.add(name, body);
            }
        }
        return lets;
    }

    private static @Nullable String wrong(String name, Lets outer) {
        if (!name.matches(NAME)) {
            return "a name in let is 1 to 63 lower-case letters, digits and _, a letter first";
        }
        @Nullable String taken = ExprFunctions.taken(name);
        if (taken == null && ExprFunctions.named(name) != null) {
            taken = Shown.quoted(name) + " is a function";
        }
        @Nullable Span before = outer.place(name);
        if (taken == null && before != null) {
            taken = "%s is made in line %d already".formatted(Shown.quoted(name), before.line());
        }
        return taken == null ? null : taken + "; choose another name";
    }

    /** Tells of names that nothing uses. */
    static void checkUsed(FileScope scope) {
        // The policies' before the file's: one that is used only by such a name is not used itself, and only the former
        // is told.
        for (Lets lets : scope.scopes()) {
            lets.unused()
                    .forEach((name, place) ->
                            scope.problems().add(place, "nothing uses %s; leave it out".formatted(Shown.quoted(name))));
        }
    }
}
