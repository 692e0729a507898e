package dev.tidemark.config;

import dev.tidemark.config.Series.Item;
import dev.tidemark.config.YamlNode.Scalar;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the notation of {@link Series}. What is wrong is told with its place, and null returned. */
final class SeriesReader {
    private static final Pattern ITEM = Pattern.compile("\\S+");
    private static final Pattern TIMES = Pattern.compile("x([0-9]+)$");

    private final Problems problems;
    private final HostMemory host;
    private final String what;
    private final Unit unit;
    private final ScalarText scalar;
    private final String text;

    private SeriesReader(Problems problems, HostMemory host, String what, Unit unit, Scalar scalar) {
        this.problems = problems;
        this.host = host;
        this.what = what;
        this.unit = unit;
        this.scalar = new ScalarText(problems.source(), scalar);
        this.text = scalar.text();
    }

    /**
     * @param what as messages call it: the signal
     * @param unit that values must have; zero has every unit
     */
    static @Nullable Series read(YamlNode node, String what, Unit unit, HostMemory host, Problems problems) {
        if (!(node instanceof Scalar scalar) || scalar.isNull()) {
            problems.add(
                    node,
                    "%s is a series such as %s but here is %s"
                            .formatted(what, example(unit), node instanceof Scalar ? "no value" : node.kind()));
            return null;
        }
        return new SeriesReader(problems, host, what, unit, scalar).read();
    }

    private static String example(Unit unit) {
        return switch (unit) {
            case BYTES -> "12MiB+3MiBx10 _ stale";
            case RATIO -> "0x6 5%x3";
            case DURATION -> "0+50msx10";
            case BYTE_RATE -> "4MiB/sx6";
            case RATE -> "100/sx6";
            case COUNT, TRUTH -> "0x6 12+3x10";
        };
    }

    private @Nullable Series read() {
        List<Item> items = new ArrayList<>();
        Matcher words = ITEM.matcher(text);
        long length = 0;
        boolean whole = true;
        while (words.find()) {
            if (!items.isEmpty() && items.getLast() instanceof Item.Stale) {
                problem(words.start(), words.end(), "nothing comes after \"stale\"; for a gap write _ or _x5");
                return null;
            }
            @Nullable Item item = item(words.start(), words.end());
            if (item == null) {
                whole = false;
                continue;
            }
            length += item.count();
            if (length > Series.MAX_VALUES) {
                problem(words.start(), words.end(), "a series has at most " + Series.MAX_VALUES + " values");
                return null;
            }
            items.add(item);
        }
        if (items.isEmpty() && whole) {
            problem(0, text.length(), "%s has no value; write a series such as %s".formatted(what, example(unit)));
        }
        return whole && !items.isEmpty() ? new Series(unit, items) : null;
    }

    private @Nullable Item item(int from, int to) {
        String word = text.substring(from, to);
        if (word.equals("stale")) {
            return new Item.Stale();
        }
        Matcher times = TIMES.matcher(word);
        boolean repeated = times.find();
        int valueEnd = repeated ? from + times.start() : to;
        int further = repeated ? times(times.group(1), valueEnd, to) : 0;
        String value = text.substring(from, valueEnd);
        if (further < 0) {
            return null;
        }
        if (value.equals("_")) {
            return missing(repeated, further, from, to);
        }
        if (value.equals("max")) {
            return max(further, from, to);
        }
        return run(from, valueEnd, to, repeated, further);
    }

    private int times(String digits, int from, int to) {
        int times = digits.length() > 7 ? Series.MAX_VALUES : Integer.parseInt(digits);
        if (times >= Series.MAX_VALUES) {
            problem(from, to, "a series has at most " + Series.MAX_VALUES + " values");
            return -1;
        }
        return times;
    }

    private @Nullable Item missing(boolean repeated, int times, int from, int to) {
        if (repeated && times == 0) {
            problem(from, to, "_x0 is no sample at all; leave it out");
            return null;
        }
        return new Item.Missing(repeated ? times : 1);
    }

    private @Nullable Item max(int further, int from, int to) {
        if (unit != Unit.BYTES) {
            problem(from, to, "max stands for a limit that is not set; %s is %s".formatted(what, unit.description()));
            return null;
        }
        return new Item.Run(Double.POSITIVE_INFINITY, 0, further);
    }

    private @Nullable Item run(int from, int valueEnd, int to, boolean repeated, int further) {
        int sign = from + 1;
        while (sign < valueEnd && text.charAt(sign) != '+' && text.charAt(sign) != '-') {
            sign++;
        }
        @Nullable Double start = value(from, sign);
        if (start == null) {
            return null;
        }
        if (sign == valueEnd) {
            return new Item.Run(start, 0, further);
        }
        if (!repeated) {
            problem(
                    from,
                    to,
                    "how often is missing; write " + Shown.line(text.substring(from, to)) + "x10 for ten more values");
            return null;
        }
        @Nullable Double by = value(sign + 1, valueEnd);
        if (by == null) {
            return null;
        }
        // 0.0, not -0.0, which is not equal to it.
        double step = by == 0 ? 0 : text.charAt(sign) == '-' ? -by : by;
        Item.Run run = new Item.Run(start, step, further);
        if (step < 0 && run.at(further) < 0) {
            int first = 0;
            while (run.at(first) >= 0) {
                first++;
            }
            problem(from, to, "falls below 0 with its %s value".formatted(ordinal(first + 1)));
            return null;
        }
        return run;
    }

    private static String ordinal(int number) {
        return switch (number) {
            case 2 -> "second";
            case 3 -> "third";
            default -> number + "th";
        };
    }

    private @Nullable Double value(int from, int to) {
        if (from == to || !Lexer.isDigit(text.charAt(from))) {
            String cure = from < to && text.charAt(from) == '-' ? "; values are not negative" : "";
            problem(
                    from,
                    Math.max(to, from + 1),
                    "%s is not a value; items are values such as %s, _ and stale%s"
                            .formatted(Shown.quoted(text.substring(from, to)), example(unit), cure));
            return null;
        }
        Token literal = new NumberReader(scalar, text.substring(0, to), host, problems).read(from);
        if (literal.kind() == Token.Kind.BAD) {
            return null;
        }
        int end = from + literal.text().length();
        if (end < to) {
            problem(end, to, "a blank is missing before " + Shown.quoted(text.substring(end, to)));
            return null;
        }
        boolean bareZero = literal.text().equals("0");
        if (literal.unit() != unit && !bareZero) {
            problem(from, to, wrongUnit(literal));
            return null;
        }
        return literal.value();
    }

    private String wrongUnit(Token literal) {
        return literal.unit() == Unit.COUNT
                ? "%s is %s but %s has no unit; write %s"
                        .formatted(what, unit.description(), literal.text(), Units.example(literal.text(), unit))
                : "%s is %s but %s is %s"
                        .formatted(
                                what,
                                unit.description(),
                                literal.text(),
                                literal.unit().description());
    }

    private void problem(int from, int to, String message) {
        problems.add(scalar.span(from, to), message);
    }
}
