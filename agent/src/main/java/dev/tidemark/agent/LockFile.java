package dev.tidemark.agent;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The right to a file that is replaced now and then: a lock on {@code NAME.lock} beside it, which stays, empty. */
final class LockFile {

    private LockFile() {}

    /**
     * Takes the right; the kernel takes it back however its holder ends.
     *
     * @return what is to be closed to give it up, or empty when somebody else has it
     */
    static Optional<FileChannel> take(Path path) throws IOException {
        FileChannel file = FileChannel.open(
                path.resolveSibling(path.getFileName() + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            @Nullable FileLock lock = file.tryLock();
            if (lock != null) {
                return Optional.of(file);
            }
        } catch (OverlappingFileLockException _) {
            // Held by another agent of this very process.
        }
        file.close();
        return Optional.empty();
    }
}
