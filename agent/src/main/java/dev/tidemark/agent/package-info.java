/**
 * The process: wiring and the command line.
 */
@NullMarked
package dev.tidemark.agent;

import org.jspecify.annotations.NullMarked;
