package dev.tidemark.config;

import dev.tidemark.config.Token.Kind;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The vocabulary of expressions, and what people write instead. */
final class Words {
    static final List<String> KEYWORDS = List.of("and", "or", "not", "of", "over", "for", "hold");
    static final List<String> FUNCTIONS = List.of("rate", "delta");

    private static final List<String> SIGNALS = Arrays.stream(Signal.values())
            .flatMap(signal -> signal.names().stream())
            .toList();

    /** Without the ready-made averages, to be short. */
    private static final List<String> LISTED =
            SIGNALS.stream().filter(name -> !name.matches("psi\\..*\\..*")).toList();

    /** What the kernel calls them. */
    private static final Map<String, String> KERNEL_NAMES = Map.ofEntries(
            Map.entry("memory.current", "usage"),
            Map.entry("memory.max", "max"),
            Map.entry("memory.high", "high"),
            Map.entry("memory.swap.current", "swap.usage"),
            Map.entry("memory.pressure", "psi.some"),
            Map.entry("memory.events", "events.max"),
            Map.entry("swap", "swap.usage"),
            Map.entry("psi", "psi.some"),
            Map.entry("some", "psi.some"),
            Map.entry("full", "psi.full"),
            Map.entry("workingset_refault_file", "refault"),
            Map.entry("workingset_refault_anon", "refault"),
            Map.entry("file_dirty", "dirty"),
            Map.entry("file_writeback", "writeback"));

    private Words() {}

    static String unknownSignal(String word) {
        if (FUNCTIONS.contains(word)) {
            return "\"%1$s\" takes a value and a window; write %1$s(pgscan, 5s)".formatted(word);
        }
        if (word.equals("true") || word.equals("false")) {
            return Shown.quoted(word) + " is no value here; write a comparison, such as usage > 80% of limit";
        }
        @Nullable String meant = KERNEL_NAMES.get(word);
        String unknown = "unknown signal " + Shown.quoted(word);
        return meant != null
                ? unknown + "; did you mean \"" + meant + "\"?"
                : unknown + Nearest.hint(word, "signals", SIGNALS, LISTED);
    }

    static String unknownFunction(String word) {
        return Signal.named(word) != null
                ? "the signal " + Shown.quoted(word) + " takes no arguments; an operator such as > or and is missing"
                : "unknown function " + Shown.quoted(word) + Nearest.hint(word, "functions", FUNCTIONS);
    }

    /** Something stands where an operator or the end was due. */
    static String misplaced(Token token, Token before) {
        String word = token.text();
        String lower = word.toLowerCase(Locale.ROOT);
        if (token.kind() == Kind.WORD && !word.equals(lower) && KEYWORDS.contains(lower)) {
            return Shown.quoted(word) + " is written in small letters: " + lower;
        }
        if (before.kind() == Kind.LITERAL
                && before.unit() == Unit.COUNT
                && UnitSymbol.texts().contains(word)) {
            return "a unit belongs right behind its number; write " + before.text() + word;
        }
        if (word.equals("not")) {
            return "\"not\" cannot follow a value; did you mean \"and not\"?";
        }
        return "an operator such as > or and is missing before " + Shown.quoted(word);
    }
}
