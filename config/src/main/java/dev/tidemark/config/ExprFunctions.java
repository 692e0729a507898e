package dev.tidemark.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The functions that jars on the class path add to the language, looked for once. One that cannot be used is left out, and
 * {@link #failures()} says why; an expression that calls it is refused with that reason.
 *
 * <p>Safe from any thread.
 */
public final class ExprFunctions {
    private static final ExprFunctions LOADED =
            load(ServiceLoader.load(ExprFunction.class).iterator());

    private final Map<String, ExprFunction> byName = new TreeMap<>();
    private final Map<String, String> failedNames = new HashMap<>();
    private final List<String> failures = new ArrayList<>();

    private ExprFunctions() {}

    /** The functions that can be called, by name. */
    public static List<ExprFunction> all() {
        return List.copyOf(LOADED.byName.values());
    }

    /** Why some that are on the class path cannot be called, a sentence each. */
    public static List<String> failures() {
        return List.copyOf(LOADED.failures);
    }

    static @Nullable ExprFunction named(String name) {
        return LOADED.byName.get(name);
    }

    static List<String> names() {
        return List.copyOf(LOADED.byName.keySet());
    }

    /** Why the function of that name cannot be used, or null when there is none. */
    static @Nullable String failure(String name) {
        return LOADED.failedNames.get(name);
    }

    static ExprFunctions load(Iterator<ExprFunction> found) {
        ExprFunctions functions = new ExprFunctions();
        // A provider that fails ends neither the agent nor the search; a search that goes on failing has no end, so it
        // is bounded.
        for (int failed = 0; failed < 100; ) {
            try {
                if (!found.hasNext()) {
                    break;
                }
                functions.add(found.next());
            } catch (ServiceConfigurationError | RuntimeException | LinkageError e) {
                functions.failures.add("a function could not be loaded: " + Shown.line(String.valueOf(e.getMessage())));
                failed++;
            }
        }
        return functions;
    }

    private void add(ExprFunction function) {
        String name = function.name();
        String who = "the function " + Shown.quoted(name) + " of "
                + function.getClass().getName();
        @Nullable String taken = taken(name);
        if (!name.matches("[a-z][a-z0-9_]{0,62}")) {
            failures.add(who + " is left out: a name is lower-case letters, digits and _");
        } else if (taken != null) {
            failures.add(who + " is left out: " + taken);
        } else if (byName.containsKey(name)) {
            ExprFunction other = byName.remove(name);
            String why = who + " is left out: " + other.getClass().getName() + " has the same name, and so is that";
            failures.add(why);
            failedNames.put(name, why);
        } else if (failedNames.containsKey(name)) {
            failures.add(who + " is left out: others have the same name");
        } else {
            byName.put(name, function);
        }
    }

    /** Why a name cannot be given, or null. */
    static @Nullable String taken(String name) {
        if (Words.KEYWORDS.contains(name) || Operation.named(name) != null) {
            return Shown.quoted(name) + " is a word of the language";
        }
        return Signal.named(name) != null ? Shown.quoted(name) + " is a signal" : null;
    }

    List<String> problems() {
        return failures;
    }

    @Nullable
    ExprFunction function(String name) {
        return byName.get(name);
    }
}
