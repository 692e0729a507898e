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

    static List<String> versions() {
        return Arrays.stream(values()).map(KernelSeries::version).toList();
    }

    static KernelSeries of(String version) {
        return values()[versions().indexOf(version)];
    }
}
