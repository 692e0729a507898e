package dev.tidemark.config;

import dev.tidemark.config.Expr.Resource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The names of what the kernel can tell of by itself: {@code psi.some}, {@code psi.io.full}. */
final class PressureName {
    /** What a name stands for. */
    record Found(Resource resource, boolean full) {}

    private static final Map<String, Found> NAMES = names();

    private PressureName() {}

    private static Map<String, Found> names() {
        Map<String, Found> names = new LinkedHashMap<>();
        for (Resource resource : Resource.values()) {
            String prefix = resource == Resource.MEMORY
                    ? "psi."
                    : "psi." + resource.name().toLowerCase(Locale.ROOT) + ".";
            names.put(prefix + "some", new Found(resource, false));
            names.put(prefix + "full", new Found(resource, true));
        }
        return names;
    }

    static @Nullable Found find(Token name, Problems problems) {
        String word = name.text();
        @Nullable Found found = NAMES.get(word);
        if (found != null) {
            return found;
        }
        List<String> known = new ArrayList<>(NAMES.keySet());
        String cure = word.startsWith("host.psi")
                ? "; a trigger is of the cgroup itself, as in psi.some trigger 150ms/1s"
                : Nearest.hint(word, "triggers", known);
        problems.add(name.span(), "%s has no trigger%s".formatted(Shown.quoted(word), cure));
        return null;
    }
}
