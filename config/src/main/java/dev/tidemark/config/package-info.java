/**
 * What the operator wrote, as checked values: policy files, scenario files and the expression language.
 *
 * <p>{@link dev.tidemark.config.PolicyFile#parse} and {@link dev.tidemark.config.Scenario#parse} turn text into immutable
 * values or into the complete list of {@linkplain dev.tidemark.config.Problem problems}, each with its place. Neither knows
 * of a kernel, a clock or a thread; everything here is immutable and may be shared freely.
 */
@NullMarked
package dev.tidemark.config;

import org.jspecify.annotations.NullMarked;
