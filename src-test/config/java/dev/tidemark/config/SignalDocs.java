package dev.tidemark.config;

import dev.tidemark.config.Signal.Scope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Makes {@code docs/signals.md} from the catalog. */
final class SignalDocs {
    private static final String HEAD = """
            # Signals

            What expressions can read, made from the catalog (`config/src/main/resources/dev/tidemark/config/signals.txt`) by
            `mvn -q -pl config test -Dtest=SignalDocsTest -Dtidemark.write=true`; a test sees to it that this file is as the catalog is.

            * **kind**: a *gauge* is a level at an instant; a *counter* only grows while the cgroup lives, so ask for its `rate`, its
              `delta`, or the signal `over` a window; a *share* is the change of one counter divided by that of another and wants `over`.
            * **unit**: sizes are in bytes whatever the file has, pressure is a ratio or a time, all others are counts.
            * **since**: the first Linux with it; 4.5, which made cgroup2 official, stands for that and all before. Distributions bring
              features to older kernels, so `tidemark check --host` and the agent look whether a signal is there, not at the version.
            * The files of a cgroup count all that is below it, but for `memory.events.local`.
            * A signal of a host is the same from every cgroup: its name begins with `host.`.
            * What the kernel does not have is unknown: it makes a comparison neither true nor false. A policy that reads such a signal
              is told of and left out as the agent starts.
            * `pgscan`, `pgsteal` and their `_direct` kinds come without the agent's own share, so that a policy that counts them
              does not feed itself. From Linux 6.15 on the kernel counts all reclaim that was asked for through `memory.reclaim` apart,
              whoever asked. Before, the agent reads memory.stat right before and right after each of its writes, in the cgroup and in those above
              it of which these signals are read, and takes off what moved; direct reclaim of the cgroup's own tasks during a write is taken off with it.
              What lowering `memory.high` takes counts as direct reclaim on every kernel, and is taken off in the same way.
            * `host.vmstat.*` are the host's numbers as they are.
            """;

    private SignalDocs() {}

    static String text() {
        StringBuilder text = new StringBuilder(HEAD);
        Map<String, List<Signal>> sections = new LinkedHashMap<>();
        for (Signal signal : Signal.all()) {
            sections.computeIfAbsent(section(signal), _ -> new ArrayList<>()).add(signal);
        }
        sections.forEach((section, signals) -> {
            text.append("\n## ").append(section).append("\n\n");
            table(signals, text);
        });
        return text.toString();
    }

    private static String section(Signal signal) {
        if (signal.derived()) {
            return "Computed from others";
        }
        if (signal.scope() == Scope.HOST) {
            return "Host: /proc/" + signal.file();
        }
        return "Cgroup: " + (signal.keys().isEmpty() ? "sizes and limits" : signal.file());
    }

    private static void table(List<Signal> signals, StringBuilder text) {
        text.append("| name | kind | unit | from | since | what |\n| --- | --- | --- | --- | --- | --- |\n");
        for (Signal signal : signals) {
            text.append("| ")
                    .append(code(signal.names()))
                    .append(" | ")
                    .append(signal.kind().name().toLowerCase(Locale.ROOT))
                    .append(" | ")
                    .append(unit(signal.unit()))
                    .append(" | ")
                    .append(from(signal))
                    .append(" | ")
                    .append(signal.since())
                    .append(" | ")
                    .append(signal.description())
                    .append(" |\n");
        }
    }

    private static String from(Signal signal) {
        if (signal.derived()) {
            return code(signal.parts().stream().map(Signal::dotted).toList());
        }
        if (signal.file().isEmpty()) {
            return "all levels";
        }
        return signal.keys().isEmpty()
                ? signal.file()
                : signal.keys().stream().map(key -> "`" + key + "`").collect(Collectors.joining(" + "));
    }

    private static String code(List<String> names) {
        return names.stream().map(name -> "`" + name + "`").collect(Collectors.joining(" "));
    }

    private static String unit(Unit unit) {
        return switch (unit) {
            case BYTES -> "bytes";
            case COUNT -> "count";
            case RATIO -> "ratio";
            case DURATION -> "duration";
            case BYTE_RATE -> "bytes/s";
            case RATE -> "per second";
            case TRUTH -> "truth";
        };
    }
}
