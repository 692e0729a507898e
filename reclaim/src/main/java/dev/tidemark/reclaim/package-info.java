/**
 * Decisions in, memory out: the workqueue, control laws and guards, and the port to a kernel's memory controller.
 */
@NullMarked
package dev.tidemark.reclaim;

import org.jspecify.annotations.NullMarked;
