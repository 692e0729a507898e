package dev.tidemark.config;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What may follow a number in a literal.
 *
 * @param text as written: {@code MiB}
 * @param unit of the literal
 * @param scale base units in one of it, exact
 */
record UnitSymbol(String text, Unit unit, BigDecimal scale) {
    static final UnitSymbol NONE = new UnitSymbol("", Unit.COUNT, BigDecimal.ONE);
    static final UnitSymbol PERCENT = new UnitSymbol("%", Unit.RATIO, new BigDecimal("0.01"));

    /** Smallest first. */
    static final List<UnitSymbol> SIZES =
            List.of(size("B", 0), size("KiB", 10), size("MiB", 20), size("GiB", 30), size("TiB", 40));

    /** Smallest first. */
    static final List<UnitSymbol> TIMES = List.of(
            time("ns", "1e-9"),
            time("us", "1e-6"),
            time("ms", "0.001"),
            time("s", "1"),
            time("m", "60"),
            time("h", "3600"));

    /** The kernel's own short forms (lib/cmdline.c, memparse): binary as well. */
    private static final List<UnitSymbol> KERNEL_SIZES =
            List.of(size("K", 10), size("M", 20), size("G", 30), size("T", 40));

    private static UnitSymbol size(String text, int power) {
        return new UnitSymbol(text, Unit.BYTES, BigDecimal.valueOf(1L << power));
    }

    private static UnitSymbol time(String text, String seconds) {
        return new UnitSymbol(text, Unit.DURATION, new BigDecimal(seconds));
    }

    static @Nullable UnitSymbol named(String text, HostMemory host) {
        if (text.equals("page") || text.equals("pages")) {
            return new UnitSymbol(text, Unit.BYTES, BigDecimal.valueOf(host.pageSize()));
        }
        return Stream.of(List.of(PERCENT), SIZES, KERNEL_SIZES, TIMES)
                .flatMap(List::stream)
                .filter(symbol -> symbol.text.equals(text))
                .findFirst()
                .orElse(null);
    }

    static @Nullable UnitSymbol time(String text) {
        return TIMES.stream()
                .filter(symbol -> symbol.text.equals(text))
                .findFirst()
                .orElse(null);
    }

    /** The texts of sizes but those of pages. */
    static List<String> sizes() {
        return Stream.concat(SIZES.stream(), KERNEL_SIZES.stream())
                .map(UnitSymbol::text)
                .toList();
    }

    /** All texts, for suggestions. */
    static List<String> texts() {
        List<String> texts = new ArrayList<>();
        SIZES.forEach(symbol -> texts.add(symbol.text));
        KERNEL_SIZES.forEach(symbol -> texts.add(symbol.text));
        TIMES.forEach(symbol -> texts.add(symbol.text));
        texts.add("pages");
        texts.add("%");
        return texts;
    }
}
