package dev.tidemark.testkit;

import dev.tidemark.config.ExprFunction;
import dev.tidemark.config.ExprFunctions;
import dev.tidemark.config.Unit;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.opentest4j.AssertionFailedError;

/**
 * What can be said of a function of the expression language: of its form, and of its values step by step, for one cgroup after the other.
 *
 * <p>{@code assertThat(new Smoothed()).at("0s").of(10, 30).is(10).at("30s").of(20, 30).is(15)}: arguments and values are in base units,
 * seconds and bytes, and {@link Double#NaN} is unknown. What the function is to remember of the cgroup is kept from step to step, as the
 * engine does.
 */
public final class FunctionAssert {

    private final ExprFunction function;
    private double[] doubles;
    private long[] longs;
    private long nanos = Long.MIN_VALUE;

    FunctionAssert(ExprFunction function) {
        this.function = function;
        doubles = freshDoubles();
        longs = freshLongs();
    }

    /** It is on the class path, under its name and without a clash, so that policies can call it. */
    public FunctionAssert canBeCalled() {
        boolean there = ExprFunctions.all().stream()
                .anyMatch(
                        it -> it.name().equals(function.name()) && it.getClass().equals(function.getClass()));
        if (!there) {
            throw fails(
                    "to be callable by policies",
                    ExprFunctions.failures().stream()
                            .filter(reason -> reason.contains(function.name())
                                    || reason.contains(function.getClass().getName()))
                            .findFirst()
                            .orElse("no file META-INF/services/" + ExprFunction.class.getName() + " names it"));
        }
        return this;
    }

    /** With arguments of these units it has a value of the unit that {@link Taking#gives} says. */
    public Taking taking(Unit... arguments) {
        return new Taking(List.of(arguments));
    }

    /** The next step is at this instant, counted from any. It may not be before the step before. */
    public Step at(String instant) {
        long next = Times.parse(instant).toNanos();
        if (next < nanos) {
            throw new IllegalArgumentException("time never goes back for a cgroup, also not to " + instant);
        }
        nanos = next;
        return new Step(instant);
    }

    /** Goes on with another cgroup, of which nothing is remembered. */
    public FunctionAssert forAnotherCgroup() {
        doubles = freshDoubles();
        longs = freshLongs();
        nanos = Long.MIN_VALUE;
        return this;
    }

    /** What can be said of units. */
    public final class Taking {

        private final List<Unit> arguments;

        private Taking(List<Unit> arguments) {
            this.arguments = arguments;
        }

        /** The result has this unit. */
        public FunctionAssert gives(Unit unit) {
            Unit given;
            try {
                given = function.check(arguments);
            } catch (IllegalArgumentException e) {
                throw fails("to take " + arguments, "it refuses them: " + e.getMessage());
            }
            if (given != unit) {
                throw fails("to give " + unit + " for " + arguments, "it gives " + given);
            }
            return FunctionAssert.this;
        }

        /** It refuses them, with a message that contains this. */
        public FunctionAssert isRefused(String part) {
            Unit given;
            try {
                given = function.check(arguments);
            } catch (IllegalArgumentException e) {
                if (!String.valueOf(e.getMessage()).contains(part)) {
                    throw fails("to refuse " + arguments + " with \"" + part + "\"", "it says: " + e.getMessage());
                }
                return FunctionAssert.this;
            }
            throw fails("to refuse " + arguments, "it gives " + given);
        }
    }

    /** A step that has its instant. */
    public final class Step {

        private final String instant;

        private Step(String instant) {
            this.instant = instant;
        }

        /** It is called with these values; NaN for what is not known. */
        public Value of(double... arguments) {
            double[] before = arguments.clone();
            double value = function.step(arguments, doubles, longs, nanos);
            if (!Arrays.equals(before, arguments)) {
                throw fails("to leave its arguments as they are", "they are " + Arrays.toString(arguments) + " now");
            }
            return new Value(instant, before, value);
        }
    }

    /** The value of a step. */
    public final class Value {

        private final String instant;
        private final double[] arguments;
        private final double value;

        private Value(String instant, double[] arguments, double value) {
            this.instant = instant;
            this.arguments = arguments;
            this.value = value;
        }

        /** It is this, to within a millionth of it. */
        public FunctionAssert is(double expected) {
            boolean near = Math.abs(value - expected) <= Math.abs(expected) * 1e-6;
            // Infinity minus itself is not a number.
            if (!near && Double.compare(value, expected) != 0) {
                throw fails(expected);
            }
            return FunctionAssert.this;
        }

        /** It is not known. */
        public FunctionAssert isUnknown() {
            return is(Double.NaN);
        }

        /** It is a truth that holds: anything but 0. */
        public FunctionAssert holds() {
            if (value == 0 || Double.isNaN(value)) {
                throw fails(1);
            }
            return FunctionAssert.this;
        }

        /** It is a truth that does not hold: 0. */
        public FunctionAssert doesNotHold() {
            return is(0);
        }

        private AssertionError fails(double expected) {
            String call = Arrays.stream(arguments)
                    .mapToObj(FunctionAssert::shown)
                    .collect(Collectors.joining(", ", function.name() + "(", ")"));
            return new AssertionFailedError(
                    "Expecting " + call + " at " + instant + " to be " + shown(expected) + "\nbut it is " + shown(value)
                            + ".",
                    expected,
                    value);
        }
    }

    private static String shown(double value) {
        if (Double.isNaN(value)) {
            return "unknown";
        }
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    private double[] freshDoubles() {
        double[] fresh = new double[function.doubles()];
        Arrays.fill(fresh, Double.NaN);
        return fresh;
    }

    private long[] freshLongs() {
        long[] fresh = new long[function.longs()];
        Arrays.fill(fresh, Long.MIN_VALUE);
        return fresh;
    }

    private AssertionError fails(String expecting, String but) {
        return new AssertionFailedError("Expecting the function " + function.name() + " " + expecting + "\nbut " + but
                + (but.endsWith(".") ? "" : "."));
    }
}
