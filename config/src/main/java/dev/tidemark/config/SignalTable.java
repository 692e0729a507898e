package dev.tidemark.config;

import dev.tidemark.config.Signal.Kind;
import dev.tidemark.config.Signal.Scale;
import dev.tidemark.config.Signal.Scope;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code signals.txt}, whose head says how it is written. It is part of the program, so what is wrong with it is a bug and
 * throws. Cut by hand, without patterns: it is read each time the agent starts, before its first sample.
 */
final class SignalTable {
    private static final String RESOURCE = "signals.txt";

    private final List<Signal> signals = new ArrayList<>();
    private final Map<String, Signal> byName = new HashMap<>();
    private Scope scope = Scope.CGROUP;
    private String file = "";

    private SignalTable() {}

    static List<Signal> read() {
        SignalTable table = new SignalTable();
        String text = text();
        int start = 0;
        while (start < text.length()) {
            int newline = text.indexOf('\n', start);
            int end = newline < 0 ? text.length() : newline;
            table.line(text.substring(start, end));
            start = end + 1;
        }
        return List.copyOf(table.signals);
    }

    private static String text() {
        try (@Nullable InputStream in = SignalTable.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " is not among the classes");
            }
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void line(String line) {
        if (line.isEmpty() || line.charAt(0) == '#') {
            return;
        }
        if (line.charAt(0) == '[') {
            int space = line.indexOf(' ');
            scope = Scope.valueOf(line.substring(1, space).toUpperCase(Locale.ROOT));
            file = line.substring(space + 1, line.length() - 1);
            return;
        }
        Words words = new Words(line);
        List<String> names = words.list(',');
        Kind kind = Kind.valueOf(words.next().toUpperCase(Locale.ROOT));
        String unit = words.next();
        String since = words.next();
        List<String> source = words.list(file.equals("derived") ? ',' : '+');
        Signal signal = new Signal(
                signals.size(),
                names,
                kind,
                unit(unit),
                scale(unit),
                scope,
                since,
                file(source),
                keys(names, source),
                file.equals("derived") ? parts(source) : List.of(),
                words.rest());
        signals.add(signal);
        names.forEach(name -> byName.put(name, signal));
    }

    private String file(List<String> source) {
        return switch (file) {
            case "numbers" -> source.getFirst();
            case "effective", "derived" -> "";
            default -> file;
        };
    }

    private List<String> keys(List<String> names, List<String> source) {
        return switch (file) {
            case "numbers", "effective", "derived" -> List.of();
            default -> source.equals(List.of("=")) ? List.of(names.getFirst()) : source;
        };
    }

    private List<Signal> parts(List<String> source) {
        List<Signal> parts = new ArrayList<>();
        for (String name : source) {
            Signal part = byName.get(name);
            if (part == null) {
                throw new IllegalStateException(name + " has to come before what is computed from it");
            }
            parts.add(part);
        }
        return List.copyOf(parts);
    }

    private static Unit unit(String word) {
        return switch (word) {
            case "bytes", "kib", "pages" -> Unit.BYTES;
            case "count" -> Unit.COUNT;
            case "ratio", "percent" -> Unit.RATIO;
            case "seconds", "micros" -> Unit.DURATION;
            case "bytes/s" -> Unit.BYTE_RATE;
            default -> throw new IllegalStateException("no unit: " + word);
        };
    }

    private static Scale scale(String word) {
        return switch (word) {
            case "kib" -> Scale.KIB;
            case "pages" -> Scale.PAGE;
            case "percent" -> Scale.PERCENT;
            case "micros" -> Scale.MICROS;
            default -> Scale.ONE;
        };
    }

    /** The words of a line, between blanks. */
    private static final class Words {
        private final String line;
        private int at;

        Words(String line) {
            this.line = line;
        }

        String next() {
            int end = line.indexOf(' ', at);
            String word = line.substring(at, end);
            at = end;
            while (line.charAt(at) == ' ') {
                at++;
            }
            return word;
        }

        List<String> list(char separator) {
            String word = next();
            if (word.indexOf(separator) < 0) {
                return List.of(word);
            }
            List<String> parts = new ArrayList<>();
            int start = 0;
            for (int end = word.indexOf(separator); end >= 0; end = word.indexOf(separator, start)) {
                parts.add(word.substring(start, end));
                start = end + 1;
            }
            parts.add(word.substring(start));
            return List.copyOf(parts);
        }

        String rest() {
            return line.substring(at);
        }
    }
}
