/**
 * A deterministic model of Linux's memory controller in virtual time, under the same port as a real host.
 *
 * <p>It keeps pages on the kernel's four lists a cgroup, charges them as {@code mm/memcontrol.c} does and reclaims them as
 * {@code mm/vmscan.c} does; each class names the kernel file it follows. Names are the kernel's. Workloads of a {@link
 * dev.tidemark.config.Scenario} drive it. {@link dev.tidemark.reclaim.model.MemoryModel} is the way in.
 */
@NullMarked
package dev.tidemark.reclaim.model;

import org.jspecify.annotations.NullMarked;
