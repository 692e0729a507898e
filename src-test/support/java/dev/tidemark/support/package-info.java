/**
 * What the tests of all modules share: property-based tests ({@link dev.tidemark.support.Gen} makes the inputs,
 * {@link dev.tidemark.support.Check} runs the property). Uses the JDK and nothing of Tidemark, so that every module can
 * have it.
 */
@NullMarked
package dev.tidemark.support;

import org.jspecify.annotations.NullMarked;
