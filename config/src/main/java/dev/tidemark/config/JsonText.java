package dev.tidemark.config;

import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Writes mappings, lists, texts, numbers and truths as JSON, indented by two blanks. */
public final class JsonText {
    private final StringBuilder out = new StringBuilder();

    private JsonText() {}

    /**
     * The JSON text, without a line break at its end.
     *
     * @param value a {@link Map} in its own order, a {@link List}, a {@link String}, a finite {@link Number} or a {@link Boolean}, and
     *     of these whatever is inside
     * @throws IllegalArgumentException for anything else, which JSON has no form for
     */
    public static String of(Object value) {
        JsonText json = new JsonText();
        json.write(value, "\n");
        return json.out.toString();
    }

    private void write(Object value, String line) {
        switch (value) {
            case Map<?, ?> map when map.isEmpty() -> out.append("{}");
            case Map<?, ?> map -> {
                out.append('{');
                String inner = line + "  ";
                for (Iterator<? extends Map.Entry<?, ?>> it = map.entrySet().iterator(); it.hasNext(); ) {
                    Map.Entry<?, ?> entry = it.next();
                    out.append(inner);
                    quoted(String.valueOf(entry.getKey()));
                    out.append(": ");
                    write(entry.getValue(), inner);
                    out.append(it.hasNext() ? "," : "");
                }
                out.append(line).append('}');
            }
            case List<?> list -> list(list, line);
            case String text -> quoted(text);
            case Double number
            when !Double.isFinite(number) -> throw new IllegalArgumentException("not JSON: " + number);
            case Number number -> out.append(number);
            case Boolean truth -> out.append(truth);
            default -> throw new IllegalArgumentException("not JSON: " + value);
        }
    }

    /** In one line where there is nothing nested in it. */
    private void list(List<?> list, String line) {
        boolean flat = list.stream().noneMatch(item -> item instanceof Map<?, ?> || item instanceof List<?>);
        String inner = line + "  ";
        out.append('[');
        for (int i = 0; i < list.size(); i++) {
            out.append(i == 0 ? "" : flat ? ", " : ",").append(flat ? "" : inner);
            write(list.get(i), inner);
        }
        out.append(flat ? "" : line).append(']');
    }

    private void quoted(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append("\\u%04x".formatted((int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
