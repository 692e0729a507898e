package dev.tidemark.reclaim.cgroup2;

import java.io.IOException;

/** The system call that starts the writeback of a file. Blocks. */
@FunctionalInterface
interface WritebackCall {
    /**
     * Hands the file's dirty pages to its disk and does not wait until they are written.
     *
     * @throws IOException with the call and the error number
     */
    void start(String path) throws IOException;
}
