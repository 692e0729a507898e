package dev.tidemark.agent;

import dev.tidemark.config.Unit;
import java.util.Locale;

/** Small matters of wording shared by log, summary and demo. */
final class Text {

    private static final double MICROS_PER_SECOND = 1e6;

    private Text() {}

    static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    static String micros(long micros) {
        return Unit.DURATION.format(micros / MICROS_PER_SECOND);
    }
}
