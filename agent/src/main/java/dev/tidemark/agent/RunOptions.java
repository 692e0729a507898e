package dev.tidemark.agent;

import dev.tidemark.config.HostMemory;
import dev.tidemark.config.PolicyFile;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to run on a host.
 *
 * @param file where the policies come from, and new ones will
 * @param text what was in it
 * @param policies what that means
 * @param warnings what was found in it all the same, for people
 * @param memory what sizes in the file are resolved with
 * @param cgroupRoot null to find it where it is mounted
 * @param reclaimCgroup where the threads that reclaim are to run; null to leave them with the others
 * @param dryRun everything but the writes
 * @param verbose one line a write
 * @param socket where to listen, or null for the default
 * @param listens whether to listen at all
 * @param state what is to outlive the agent, or null for the default
 */
record RunOptions(
        Path file,
        String text,
        PolicyFile policies,
        List<String> warnings,
        HostMemory memory,
        @Nullable Path cgroupRoot,
        @Nullable String reclaimCgroup,
        boolean dryRun,
        boolean verbose,
        @Nullable Path socket,
        boolean listens,
        @Nullable Path state) {
    RunOptions {
        warnings = List.copyOf(warnings);
    }
}
