/**
 * Policies beside each other on one scenario: what happened without any, and with each, as a table, as JSON, as a plot.
 *
 * <p>A {@link dev.tidemark.agent.simulate.Comparison} is made of {@link dev.tidemark.agent.simulate.Column}s, one a run, and is data;
 * the writers are pure functions of it. No clock, no file; threads only while the runs are under way.
 */
@NullMarked
package dev.tidemark.agent.simulate;

import org.jspecify.annotations.NullMarked;
