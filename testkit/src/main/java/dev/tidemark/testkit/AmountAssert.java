package dev.tidemark.testkit;

import dev.tidemark.config.Unit;
import java.time.Duration;

/**
 * What can be said of an amount: a size, a time, a number of things. Each method goes on with what the amount was of.
 *
 * <p>Texts are of the amount's unit ({@code 32MiB}, {@code 200ms}, {@code 100}); another is an {@link IllegalArgumentException}. Bounds are
 * included.
 *
 * @param <P> what it is of
 */
public final class AmountAssert<P> {

    private final P parent;
    private final Claims claims;
    private final String expecting;
    private final String but;
    private final Unit unit;
    private final double value;

    /**
     * @param expecting what is said, as it follows on the subject, such as {@code "to hit its limit"}
     * @param but what is told when that is not so, before the amount, such as {@code "it hit it"}
     */
    AmountAssert(P parent, Claims claims, String expecting, String but, Unit unit, double value) {
        this.parent = parent;
        this.claims = claims;
        this.expecting = expecting;
        this.but = but;
        this.unit = unit;
        this.value = value;
    }

    /** So much or more. */
    public P atLeast(String least) {
        return require(value >= unit.parse(least), "at least " + least);
    }

    /** So much or more: bytes, things or, of times, seconds. */
    public P atLeast(double least) {
        return require(value >= least, "at least " + told(least));
    }

    /** So much or more. */
    public P atLeast(Duration least) {
        return atLeast(seconds(least));
    }

    /** So much or less. */
    public P atMost(String most) {
        return require(value <= unit.parse(most), "at most " + most);
    }

    /** So much or less: bytes, things or, of times, seconds. */
    public P atMost(double most) {
        return require(value <= most, "at most " + told(most));
    }

    /** So much or less. */
    public P atMost(Duration most) {
        return atMost(seconds(most));
    }

    /** Between two bounds. */
    public P between(String least, String most) {
        return require(value >= unit.parse(least) && value <= unit.parse(most), "between " + least + " and " + most);
    }

    /** Between two bounds: bytes, things or, of times, seconds. */
    public P between(double least, double most) {
        return require(value >= least && value <= most, "between " + told(least) + " and " + told(most));
    }

    /** Between two bounds. */
    public P between(Duration least, Duration most) {
        return between(seconds(least), seconds(most));
    }

    /** Exactly that much. */
    public P exactly(String amount) {
        return require(value == unit.parse(amount), "exactly " + amount);
    }

    /** Exactly that much: bytes, things or, of times, seconds. */
    public P exactly(double amount) {
        return require(value == amount, "exactly " + told(amount));
    }

    /** Says no bound and goes on. */
    public P and() {
        return parent;
    }

    /** The amount itself, for what cannot be said here: bytes, things or, of times, seconds. */
    public double value() {
        return value;
    }

    private P require(boolean holds, String bound) {
        if (!holds) {
            throw claims.fails(expecting + " " + times(bound), but + " " + times(told(value)));
        }
        return parent;
    }

    private String times(String amount) {
        return unit == Unit.COUNT
                ? amount + (amount.endsWith(" 1") || amount.equals("1") ? " time" : " times")
                : amount;
    }

    private String told(double amount) {
        return unit.format(amount);
    }

    private double seconds(Duration duration) {
        if (unit != Unit.DURATION) {
            throw new IllegalArgumentException("this is not a time but " + told(value));
        }
        return Times.seconds(duration);
    }
}
