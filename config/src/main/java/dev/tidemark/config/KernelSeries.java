package dev.tidemark.config;

import java.util.Arrays;
import java.util.List;

/** Series of Linux whose rules the model knows, where these have changed from one to the other. In their order. */
public enum KernelSeries {
    LINUX_6_1("6.1"),
    LINUX_6_12("6.12"),
    LINUX_7_2("7.2");

    /** What a scenario that names none is played on. */
    public static final KernelSeries NEWEST = LINUX_7_2;

    private final String version;

    KernelSeries(String version) {
        this.version = version;
    }

    /** As it is written: {@code 6.12}. */
    public String version() {
        return version;
    }

    public boolean isAtLeast(KernelSeries series) {
        return compareTo(series) >= 0;
    }

    /**
     * Whether it has what came with that version of Linux.
     *
     * @param since two numbers, as {@link Signal#since} gives them
     */
    public boolean has(String since) {
        return number(version) >= number(since);
    }

    private static int number(String version) {
        int dot = version.indexOf('.');
        return (Integer.parseInt(version, 0, dot, 10) << 16) + Integer.parseInt(version, dot + 1, version.length(), 10);
    }

    static List<String> versions() {
        return Arrays.stream(values()).map(KernelSeries::version).toList();
    }

    static KernelSeries of(String version) {
        return values()[versions().indexOf(version)];
    }
}
