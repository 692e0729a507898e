package dev.tidemark.reclaim;

/**
 * What became of one start of writeback.
 *
 * @param files whose writeback was started, or would have been in a dry run
 * @param failed files that could not be opened or synchronised
 * @param startedNanos when it began, by the controller's clock
 * @param finishedNanos when all had been handed to their disks, which may still be writing
 */
public record WritebackResult(int files, int failed, long startedNanos, long finishedNanos) {}
