package dev.tidemark.reclaim.cgroup2;

/**
 * What a controller could not do, and holds, so far.
 *
 * @param unreadableIds times a cgroup was skipped because its id could not be read
 * @param unreadableDirectories times a directory could not be listed
 * @param unwatchedDirectories directories that inotify had no room for, listed each second instead
 * @param overflows times inotify had to be made up for by a listing
 * @param cancelled writes broken off
 * @param failedCloses descriptors whose closing failed
 * @param descriptors kept open now
 * @param inFlight requests not yet answered
 * @param pushes times the kernel told of something that had happened
 * @param falsePushes times it told though the counter had not moved
 * @param refusedPushes subscriptions to pushes that were refused
 * @param pushDescriptors kept open now for pushes
 */
public record Cgroup2Counts(
        long unreadableIds,
        long unreadableDirectories,
        long unwatchedDirectories,
        long overflows,
        long cancelled,
        long failedCloses,
        int descriptors,
        int inFlight,
        long pushes,
        long falsePushes,
        long refusedPushes,
        int pushDescriptors) {}
