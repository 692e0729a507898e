package dev.tidemark.config;

import java.time.Duration;

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
 * and         = not { "and" not }
 * not         = "not" not | timed
 * timed       = comparison { ("for" | "hold") duration }        a comparison or a group, so: a or (b and c) for 1s
 * comparison  = sum [ ("&lt;" | "&lt;=" | "&gt;" | "&gt;=" | "==" | "!=") sum ]        does not chain
 * sum         = product { ("+" | "-") product }
 * product     = negation { ("*" | "/" | "of") negation }        80% of limit is 80% * limit
 * negation    = "-" negation | windowed
 * windowed    = primary { "over" duration }
 * primary     = literal | signal | ("rate" | "delta") "(" expression "," duration ")" | "(" expression ")"
 * literal     = number [ unit ] [ "/" time ]
 * unit        = "%" | size | time
 * size        = "B" | "KiB" | "MiB" | "GiB" | "TiB" | "K" | "M" | "G" | "T" | "page" | "pages"
 * time        = "ns" | "us" | "ms" | "s" | "m" | "h"
 * duration    = number time                                     1 ms to 24 h
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
        /** Mean of a level. */
        MEAN
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
        public String toString() {
            return ExprText.of(this);
        }
    }

    /** Whether two values of one unit stand in the relation; unknown when either is. */
    record Comparison(Relation relation, Expr left, Expr right, Span span) implements Expr {
        @Override
        public Unit unit() {
            return Unit.TRUTH;
        }

        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }

    /** True when the operand is false; unknown when it is. */
    record Not(Expr operand, Span span) implements Expr {
        @Override
        public Unit unit() {
            return Unit.TRUTH;
        }

        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }

    /** False when either is false, true when both are true, otherwise unknown. */
    record And(Expr left, Expr right, Span span) implements Expr {
        @Override
        public Unit unit() {
            return Unit.TRUTH;
        }

        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }

    /** True when either is true, false when both are false, otherwise unknown. */
    record Or(Expr left, Expr right, Span span) implements Expr {
        @Override
        public Unit unit() {
            return Unit.TRUTH;
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
    record For(Expr condition, Duration duration, Span span) implements Expr {
        @Override
        public Unit unit() {
            return Unit.TRUTH;
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
    record Hold(Expr condition, Duration duration, Span span) implements Expr {
        @Override
        public Unit unit() {
            return Unit.TRUTH;
        }

        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }

    /**
     * A value's course over a window that ends now; unknown until it has two samples. Until the window is full it covers the time
     * there is.
     *
     * @param over 1 ms to 24 h
     */
    record Windowed(Window window, Expr operand, Duration over, Unit unit, Span span) implements Expr {
        @Override
        public String toString() {
            return ExprText.of(this);
        }
    }
}
