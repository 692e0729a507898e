package dev.tidemark.config;

import dev.tidemark.config.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The vocabulary of expressions, and what people write instead. */
final class Words {
    static final Set<String> KEYWORDS =
            Set.of("and", "or", "not", "of", "over", "for", "hold", "then", "within", "tumbling", "trigger");

    private static final List<String> SIGNALS =
            Signal.all().stream().flatMap(signal -> signal.names().stream()).toList();

    /** A few to begin with, to be short. */
    private static final List<String> LISTED = List.of(
                    "usage",
                    "limit",
                    "headroom",
                    "swap.usage",
                    "psi.some",
                    "psi.full",
                    "pgscan",
                    "pgsteal",
                    "refault",
                    "events.max",
                    "host.available")
            .stream()
            .filter(name -> Signal.named(name) != null)
            .toList();

    /** What the kernel calls them. */
    private static final Map<String, String> KERNEL_NAMES = Map.ofEntries(
            Map.entry("memory.current", "usage"),
            Map.entry("memory.max", "max"),
            Map.entry("memory.high", "high"),
            Map.entry("memory.low", "low"),
            Map.entry("memory.min", "min"),
            Map.entry("memory.peak", "peak"),
            Map.entry("memory.swap.current", "swap.usage"),
            Map.entry("memory.swap.max", "swap.max"),
            Map.entry("memory.swap.high", "swap.high"),
            Map.entry("memory.swap.peak", "swap.peak"),
            Map.entry("memory.zswap.current", "zswap.usage"),
            Map.entry("memory.zswap.max", "zswap.max"),
            Map.entry("memory.pressure", "psi.some"),
            Map.entry("io.pressure", "psi.io.some"),
            Map.entry("cpu.pressure", "psi.cpu.some"),
            Map.entry("memory.events", "events.max"),
            Map.entry("swap", "swap.usage"),
            Map.entry("psi", "psi.some"),
            Map.entry("psi.io", "psi.io.some"),
            Map.entry("psi.cpu", "psi.cpu.some"),
            Map.entry("some", "psi.some"),
            Map.entry("full", "psi.full"),
            Map.entry("available", "host.available"),
            Map.entry("MemAvailable", "host.available"),
            Map.entry("host.MemAvailable", "host.available"),
            Map.entry("MemTotal", "host.total"),
            Map.entry("host.MemTotal", "host.total"),
            Map.entry("MemFree", "host.free"),
            Map.entry("host.MemFree", "host.free"));

    private Words() {}

    /**
     * @param lets names that may be meant as well
     */
    static String unknownSignal(String word, List<String> lets) {
        @Nullable Operation operation = Operation.named(word);
        if (operation != null) {
            return "\"%s\" takes %s; write %s".formatted(word, operation.takes(), operation.example());
        }
        @Nullable ExprFunction function = ExprFunctions.named(word);
        if (function != null) {
            return "%s is a function; write %s(...)".formatted(Shown.quoted(word), word);
        }
        if (word.equals("true") || word.equals("false")) {
            return Shown.quoted(word) + " is no value here; write a comparison, such as usage > 80% of limit";
        }
        @Nullable String meant = KERNEL_NAMES.get(word);
        String unknown = "unknown signal " + Shown.quoted(word);
        if (meant != null && Signal.named(meant) != null) {
            return unknown + "; did you mean \"" + meant + "\"?";
        }
        List<String> candidates = new ArrayList<>(lets);
        candidates.addAll(SIGNALS);
        @Nullable String near = Nearest.to(word, candidates);
        return near != null
                ? unknown + "; did you mean \"" + near + "\"?"
                : unknown + "; some signals are " + String.join(", ", LISTED) + ", and docs/signals.md has all";
    }

    static String unknownFunction(String word, List<String> lets) {
        if (lets.contains(word)) {
            return Shown.quoted(word) + " is a name from let, which takes no arguments";
        }
        if (Signal.named(word) != null) {
            return "the signal " + Shown.quoted(word) + " takes no arguments; an operator such as > or and is missing";
        }
        @Nullable String failure = ExprFunctions.failure(word);
        if (failure != null) {
            return failure;
        }
        List<String> functions = new ArrayList<>(Operation.NAMES);
        functions.addAll(ExprFunctions.names());
        // One that could not be loaded has no name to be found by.
        List<String> failures = ExprFunctions.failures();
        String lost = failures.isEmpty() ? "" : "; " + String.join("; ", failures);
        return "unknown function " + Shown.quoted(word) + Nearest.hint(word, "functions", functions) + lost;
    }

    /** Something stands where an operator or the end was due. */
    static String misplaced(Token token, Token before) {
        String word = token.text();
        String lower = word.toLowerCase(Locale.ROOT);
        if (token.kind() == Kind.STRING) {
            return "a text in quotes belongs into cgroup(...), as in cgroup(\"a.slice\").usage";
        }
        if (token.kind() == Kind.WORD && !word.equals(lower) && KEYWORDS.contains(lower)) {
            return Shown.quoted(word) + " is written in small letters: " + lower;
        }
        if (before.kind() == Kind.LITERAL
                && before.unit() == Unit.COUNT
                && UnitSymbol.texts().contains(word)) {
            return "a unit belongs right behind its number; write " + before.text() + word;
        }
        return switch (word) {
            case "not" -> "\"not\" cannot follow a value; did you mean \"and not\"?";
            case "tumbling" -> "\"tumbling\" belongs behind a window, as in delta(pgscan, 1s tumbling)";
            case "within" -> "\"within\" belongs behind \"then\", as in a then b within 5s";
            case "trigger" -> "\"trigger\" belongs behind the cgroup's own pressure, as in psi.some trigger 150ms/1s";
            case "." -> "only a signal of cgroup(\"...\") has a dot in front";
            default -> "an operator such as > or and is missing before " + Shown.quoted(word);
        };
    }
}
