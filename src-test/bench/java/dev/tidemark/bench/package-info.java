/** Benchmarks (JMH), run by {@code src-test/bench/run}. */
@NullMarked
package dev.tidemark.bench;

import org.jspecify.annotations.NullMarked;
