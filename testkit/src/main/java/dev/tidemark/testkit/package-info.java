/**
 * A kit for tests in Java: a modelled host in virtual time, an agent with policies on it, and assertions that read as sentences.
 *
 * <p>{@link dev.tidemark.testkit.TidemarkExtension} hands a JUnit test its {@link dev.tidemark.testkit.Run}, {@link
 * dev.tidemark.testkit.TidemarkAssertions} judges it. A run without JUnit begins with {@link dev.tidemark.testkit.Run#on}.
 *
 * <p>Nothing here is shared between runs, so tests may run in parallel; nothing here knows a real clock, so a run is the same each time.
 */
@NullMarked
package dev.tidemark.testkit;

import org.jspecify.annotations.NullMarked;
