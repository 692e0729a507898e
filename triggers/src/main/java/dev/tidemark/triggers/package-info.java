/**
 * Signals in, decisions out: sources that read cgroups, expressions compiled to small evaluators, and the state machine
 * that turns truth into {@linkplain dev.tidemark.triggers.Decision decisions}.
 *
 * <p>{@link dev.tidemark.triggers.TriggerEngine} owns all state and is confined to the core thread: a {@code Roster} of {@code
 * Subject}s (cgroups) and {@code Rule}s (policies), between each two a {@code Trigger} that the {@code Machine} moves, in {@code
 * Turns}; a {@code Group} carries what watched cgroups decide to the {@code Target}s acted on. {@link
 * dev.tidemark.triggers.Sampler} and {@link dev.tidemark.triggers.ChargeSource} feed it from other threads, through {@link
 * dev.tidemark.triggers.Ingress}. Nothing here knows of a kernel but through {@link dev.tidemark.triggers.SignalReader}, of
 * a clock but through Reactor's {@code Scheduler}.
 *
 * <p>All values are {@code double} in base units: bytes, counts, ratios with 1.0 = 100 %, seconds, per second. NaN is
 * unknown, positive infinity is "no limit". All times are {@code Scheduler.now(NANOSECONDS)}.
 */
@NullMarked
package dev.tidemark.triggers;

import org.jspecify.annotations.NullMarked;
