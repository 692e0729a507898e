/** Races of the charge path and of the hooks in it; one nested class, one race. */
@NullMarked
package dev.tidemark.reclaim.model;

import org.jspecify.annotations.NullMarked;
