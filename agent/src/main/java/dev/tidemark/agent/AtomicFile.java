package dev.tidemark.agent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Puts a file in place of another so that at each instant, also after the power was cut, one of the two is there, whole: the new one is
 * written beside it, reaches the disk, is renamed over it, and the renaming reaches the disk.
 *
 * <p><b>Thread:</b> any, one at a time for one file; blocks for the disk. <b>Failure:</b> the old one stays, but for a failure of the last
 * step. Open to subclasses so that tests can fail each step.
 */
class AtomicFile {

    final void replace(Path path, byte[] content) throws IOException {
        Path absolute = path.toAbsolutePath();
        Path directory = absolute.getParent();
        if (directory == null) {
            throw new IOException(path + " cannot be a file");
        }
        Path next = absolute.resolveSibling(absolute.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            write(channel, content);
            sync(channel);
        }
        rename(next, absolute);
        try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
            sync(entries);
        }
    }

    void write(FileChannel channel, byte[] content) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(content);
        while (rest.hasRemaining()) {
            channel.write(rest);
        }
    }

    void sync(FileChannel channel) throws IOException {
        channel.force(true);
    }

    void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }
}
