package dev.tidemark.config;

import java.time.Duration;

/**
 * A duration in an expression and where it stands.
 *
 * @param tumbling whether {@code tumbling} follows it
 */
record Timespan(Duration duration, boolean tumbling, Span span) {}
