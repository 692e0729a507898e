package dev.tidemark.config;

/**
 * The type of an expression's value. All values are {@code double}; the unit says what they count.
 *
 * <p>A value that is not known is {@code NaN}, an absent limit is positive infinity.
 */
public enum Unit {
    /** Bytes of memory. */
    BYTES("bytes"),
    /** A plain number of things: pages scanned, faults, events. */
    COUNT("a count"),
    /** A share; 1.0 is 100 %. */
    RATIO("a ratio"),
    /** A time in seconds. */
    DURATION("a duration"),
    /** Bytes per second. */
    BYTE_RATE("bytes per second"),
    /** Things per second. */
    RATE("a rate"),
    /** True (anything but 0), false (0) or unknown (NaN). */
    TRUTH("a truth");

    private final String description;

    Unit(String description) {
        this.description = description;
    }

    /** How error messages call a value of this unit: "bytes", "a ratio". */
    String description() {
        return description;
    }

    /**
     * A value as people read it, rounded to four significant digits where it is not whole: {@code 12.5MiB},
     * {@code 3.2%}, {@code 150ms}, {@code 1200/s}, {@code 4MiB/s}, {@code true}. Infinity reads {@code max}, NaN reads
     * {@code unknown}.
     *
     * @param value in the base unit: bytes, seconds, a ratio with 1.0 = 100 %, per second
     */
    public String format(double value) {
        return UnitFormat.format(this, value);
    }

    /**
     * A value as policy files have it: {@code 64MiB}, {@code 5%}, {@code 200ms}, {@code 1000/s}, {@code 3}.
     *
     * @return in the base unit
     * @throws IllegalArgumentException when it is not a single value of this unit; the message says what is wrong with it
     */
    public double parse(String text) {
        return UnitParser.parse(this, text);
    }
}
