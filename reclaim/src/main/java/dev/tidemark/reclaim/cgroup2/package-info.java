/**
 * The port to the kernel on a real host: cgroup v2 through its file system.
 *
 * <p>This is the only package of its module that touches files and descriptors. What it does to cgroup files goes through
 * {@link dev.tidemark.reclaim.cgroup2.CgroupFs}; {@link dev.tidemark.reclaim.cgroup2.HostFacts} and {@link
 * dev.tidemark.reclaim.cgroup2.EarlyWriteback} read /proc besides. All of these block.
 */
@NullMarked
package dev.tidemark.reclaim.cgroup2;

import org.jspecify.annotations.NullMarked;
