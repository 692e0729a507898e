package dev.tidemark.config;

import java.time.Duration;
import java.util.List;

/**
 * A checked expression: every node has a unit and its operands fit.
 *
 * <p>{@link #toString()} is canonical: it parses back to an equal tree, places and the size of a page aside. Two trees
 * mean the same exactly when their texts are equal, see {@link #sameAs}; {@code equals} also compares places.
 *
 * <p>The grammar, loosest first. Words and symbols may be separated by blanks, a literal may not be torn apart.
 *
 * <pre>
 * expression  = and { "or" and }
 * and         = then { "and" then }
 * then        = not { "then" not "within" duration }
 * not         = "not" not | timed
 * timed       = comparison { ("for" | "hold") duration }        a comparison or a group, so: a or (b and c) for 1s
 * comparison  = sum [ ("&lt;" | "&lt;=" | "&gt;" | "&gt;=" | "==" | "!=") sum ]        does not chain
 * sum         = product { ("+" | "-") product }
 * product     = negation { ("*" | "/" | "of") negation }        80% of limit is 80% * limit
 * negation    = "-" negation | windowed
 * windowed    = primary { "over" window }
 * primary     = literal | signal | name | trigger | elsewhere | least | call | "(" expression ")"
 * trigger     = signal "trigger" duration "/" duration          psi.some trigger 150ms/1s
 * elsewhere   = "cgroup" "(" path ")" "." signal
 * least       = number "of" "(" expression { "," expression } ")"
 * call        = ("rate" | "delta" | "deriv" | "ewma" | "min" | "max" | "mean" | "count") "(" expression "," window ")"
 *             | "quantile" "(" expression "," share "," window ")"
 *             | ("rising" | "falling" | "changed") "(" expression ")"
 *             | ("sum" | "min" | "max" | "mean" | "count" | "any" | "all") "(" expression ")"          of all watched cgroups
 *             | function "(" [ expression { "," expression } ] ")"
 * window      = duration [ "tumbling" ]
 * duration    = number time | name                              1 ms to 24 h; a name is one for a plain duration
 * share       = number "%"
 * literal     = number [ unit ] [ "/" time ]
 * unit        = "%" | size | time
 * size        = "B" | "KiB" | "MiB" | "GiB" | "TiB" | "K" | "M" | "G" | "T" | "page" | "pages"
 * time        = "ns" | "us" | "ms" | "s" | "m" | "h"
 * path        = in double quotes, where \" is a quote and \\ a backslash
 * name        = one that let gives to an expression
 * function    = one that {@link ExprFunction} adds
 * </pre>
 *
 * <p>{@code K M G T} are binary, as the kernel's own files take them. A bare number is a count. {@code for} and {@code
 * hold} bind tighter than {@code not}, {@code and} and {@code or}.
 *
 * <p>How units combine: sums and comparisons take two of one unit. A product takes a count or a ratio as a factor of
 * anything; a rate times a duration is what came in that time. A quotient of one unit is a ratio; divided by a count or a
 * ratio a value keeps its unit; divided by a duration it is a rate, divided by a rate it is a duration.
 */
public sealed interface Expr {
    Unit unit();

    /** Where it stands in the file. */
    Span span();

    /** The parts it is made of, in the order of the text; none for a leaf. */
    default List<Expr> children() {
        return List.of();
    }

    /** The canonical text. */
    @Override
    String toString();

    /** Whether the other expression is the same but for the places of its parts. */
    default boolean sameAs(Expr other) {
        return toString().equals(other.toString());
    }

    /** How two values become a third. */
    enum Operator {
        ADD("+"),
        SUBTRACT("-"),
        MULTIPLY("*"),
        DIVIDE("/");

        private final String symbol;

        Operator(String symbol) {
            this.symbol = symbol;
        }

        public String symbol() {
            return symbol;
        }
    }

    /** How two values are compared. */
    enum Relation {
        LESS("<"),
        LESS_OR_EQUAL("<="),
        GREATER(">"),
        GREATER_OR_EQUAL(">="),
        EQUAL("=="),
        NOT_EQUAL("!=");

        private final String symbol;

        Relation(String symbol) {
            this.symbol = symbol;
        }

        public String symbol() {
            return symbol;
        }
    }

    /** What is made of a value's course over a window of time. */
    enum Window {
        /** Change per second; for durations the share of the window. */
        RATE,
        /** Change from the window's start to its end. */
        DELTA,
        /** Mean of a level over time; of a counter's changes never. */
        MEAN,
        /** Slope of the straight line that fits best, per second. */
        DERIV,
        /** Mean in which what is older counts less: half as much for each window that has gone by since. */
        EWMA,
        /** The least value seen. */
        MIN,
        /** The greatest value seen. */
        MAX,
        /** Of a {@link Signal.Kind#SHARE}: the change of the one counter divided by that of the other. */
        SHARE
    }

    /** How the values of all watched cgroups become one. */
    enum Aggregate {
        SUM,
        MIN,
        MAX,
        MEAN,
        /** Of a truth: how many it holds for. */
        COUNT,
        /** Of a truth: whether it holds for one. */
        ANY,
        /** Of a truth: whether it holds for each. */
        ALL
    }

    /** What tasks waited for, in pressure stall information. */
    enum Resource {
        MEMORY,
        IO,
        CPU
    }

    /** What is true, false or unknown. */
    sealed interface Truth extends Expr {
        @Override
        default Unit unit() {
            return Unit.TRUTH;
        }
    }

    /**
     * A constant.
     *
     * @param value in the base unit, finite and not negative: {@link Negate} is for that
     */
    record Literal(double value, Unit unit, Span span) implements Expr {
        public Literal {
            if (!(value >= 0) || value == Double.POSITIVE_INFINITY || unit == Unit.TRUTH) {
                throw new IllegalArgumentException("a literal is a number from 0 but was " + value + " as " + unit);
            }
        }

        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }

    /** The present value of a signal. */
    record SignalRef(Signal signal, Span span) implements Expr {
        @Override
        public Unit unit() {
            return signal.unit();
        }

        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }

    /** The value with its sign turned. */
    record Negate(Expr operand, Span span) implements Expr {
        @Override
        public List<Expr> children() {
            return List.of(operand);
        }

        @Override
        public Unit unit() {
            return operand.unit();
        }

        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }

    /** Two values made into one; {@code 80% of limit} is a product. */
    record Arithmetic(Operator operator, Expr left, Expr right, Unit unit, Span span) implements Expr {
        @Override
        public List<Expr> children() {
            return List.of(left, right);
        }

        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }

    /** Whether two values of one unit stand in the relation; unknown when either is. */
    record Comparison(Relation relation, Expr left, Expr right, Span span) implements Truth {
        @Override
        public List<Expr> children() {
            return List.of(left, right);
        }

        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }

    /** True when the operand is false; unknown when it is. */
    record Not(Expr operand, Span span) implements Truth {
        @Override
        public List<Expr> children() {
            return List.of(operand);
        }

        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }

    /** False when either is false, true when both are true, otherwise unknown. */
    record And(Expr left, Expr right, Span span) implements Truth {
        @Override
        public List<Expr> children() {
            return List.of(left, right);
        }

        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }

    /** True when either is true, false when both are false, otherwise unknown. */
    record Or(Expr left, Expr right, Span span) implements Truth {
        @Override
        public List<Expr> children() {
            return List.of(left, right);
        }

        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }

    /**
     * True once the condition has held without a break for that long.
     *
     * @param duration 1 ms to 24 h
     */
    record For(Expr condition, Duration duration, Span span) implements Truth {
        @Override
        public List<Expr> children() {
            return List.of(condition);
        }

        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }

    /**
     * True while the condition holds and for that long after it last did.
     *
     * @param duration 1 ms to 24 h
     */
    record Hold(Expr condition, Duration duration, Span span) implements Truth {
        @Override
        public List<Expr> children() {
            return List.of(condition);
        }

        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }

    /**
     * A value's course over a window; unknown until it has two samples ({@code MIN}, {@code MAX}, {@code EWMA}: one).
     *
     * @param over 1 ms to 24 h
     * @param tumbling the window is the one of those that follow each other from the first sample on, each as long as {@code
     *     over}, in which the latest sample lies; otherwise it ends now, and until it is full it covers the time there is
     */
    record Windowed(Window window, Expr operand, Duration over, boolean tumbling, Unit unit, Span span)
            implements Expr {
        @Override
        public List<Expr> children() {
            return List.of(operand);
        }

        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }

    /**
     * The value that this share of the samples in a window does not exceed.
     *
     * @param share 0 to 1
     * @param over 1 ms to 24 h
     */
    record Quantile(double share, Expr operand, Duration over, Span span) implements Expr {
        @Override
        public List<Expr> children() {
            return List.of(operand);
        }

        @Override
        public Unit unit() {
            return operand.unit();
        }

        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }

    /**
     * How often a truth became true within a window.
     *
     * @param over 1 ms to 24 h
     * @param tumbling as in {@link Windowed}
     */
    record Count(Expr condition, Duration over, boolean tumbling, Span span) implements Expr {
        @Override
        public List<Expr> children() {
            return List.of(condition);
        }

        @Override
        public Unit unit() {
            return Unit.COUNT;
        }

        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }

    /**
     * True at the instant at which the condition comes to hold ({@code rising}) or ceases to, and only then: {@code hold} makes it
     * last.
     */
    record Edge(boolean rising, Expr condition, Span span) implements Truth {
        @Override
        public List<Expr> children() {
            return List.of(condition);
        }

        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }

    /** True at the instant of a sample whose value is another than that of the sample before. */
    record Changed(Expr operand, Span span) implements Truth {
        @Override
        public List<Expr> children() {
            return List.of(operand);
        }

        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }

    /**
     * True while at least so many of the conditions hold.
     *
     * @param least 1 to the number of conditions
     */
    record AtLeast(int least, List<Expr> conditions, Span span) implements Truth {
        public AtLeast {
            conditions = List.copyOf(conditions);
        }

        @Override
        public List<Expr> children() {
            return conditions;
        }

        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }

    /**
     * True while {@code second} holds, if it came to hold after {@code first} did, and at most so long after {@code first} last
     * held.
     *
     * @param within 1 ms to 24 h
     */
    record Then(Expr first, Expr second, Duration within, Span span) implements Truth {
        @Override
        public List<Expr> children() {
            return List.of(first, second);
        }

        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }

    /**
     * The present value of a signal of another cgroup; unknown while there is none at that path.
     *
     * @param path relative to the cgroup root, as in {@link Policy#selects}
     */
    record Elsewhere(String path, Signal signal, Span span) implements Expr {
        @Override
        public Unit unit() {
            return signal.unit();
        }

        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }

    /**
     * A value of all cgroups that the policy watches, made into one. Those of which it is unknown are left out, so that one
     * that cannot be read does not blind all others; unknown when it is so of each.
     */
    record Across(Aggregate aggregate, Expr operand, Span span) implements Expr {
        @Override
        public List<Expr> children() {
            return List.of(operand);
        }

        @Override
        public Unit unit() {
            return aggregate == Aggregate.COUNT ? Unit.COUNT : operand.unit();
        }

        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }

    /**
     * True from the instant at which the kernel tells that tasks of the cgroup have waited for at least {@code stall} within
     * {@code window}, for one window.
     *
     * @param full whether all tasks had to wait; otherwise some
     * @param stall 1 us to {@code window}
     * @param window 500 ms to 10 s, which is the kernel's range
     */
    record Pressure(Resource resource, boolean full, Duration stall, Duration window, Span span) implements Truth {
        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }

    /** A function that was added to the language, of some values. */
    record Call(ExprFunction function, List<Expr> arguments, Unit unit, Span span) implements Expr {
        public Call {
            arguments = List.copyOf(arguments);
        }

        @Override
        public List<Expr> children() {
            return arguments;
        }

        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }

    /**
     * A name from the file's {@code let} for an expression. Its text is the expression's.
     *
     * @param name as in the file
     */
    record Named(String name, Expr body, Span span) implements Expr {
        @Override
        public List<Expr> children() {
            return List.of(body);
        }

        @Override
        public Unit unit() {
            return body.unit();
        }

        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }
}
