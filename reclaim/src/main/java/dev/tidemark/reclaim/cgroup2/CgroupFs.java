package dev.tidemark.reclaim.cgroup2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Every system call on cgroup files that this package makes.
 *
 * <p><b>Thread:</b> all of it blocks; never to be called on an event-loop or core thread. Blocking detectors do not see
 * {@link FileChannel}, so they are told of this class by name. <b>Failure:</b> the {@link IOException} of the JDK,
 * {@link Errno} tells which.
 *
 * <p>Open to subclasses so that tests can stand between us and the kernel.
 */
class CgroupFs {
    /** A directory as the kernel knows it. {@code links} of 2 says that it has no subdirectories. */
    record Facts(long id, boolean directory, int links) {}

    FileChannel openForReading(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.READ);
    }

    FileChannel openForWriting(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.WRITE);
    }

    /** Reads from the start into the scratch's buffer, with one read(2) but for files beyond its size; how many bytes. */
    int read(FileChannel channel, Scratch scratch) throws IOException {
        ByteBuffer buffer = scratch.buffer();
        channel.read(buffer, 0);
        while (!buffer.hasRemaining()) {
            buffer = scratch.grown();
            if (!buffer.hasRemaining() || channel.read(buffer, buffer.position()) <= 0) {
                break;
            }
        }
        return buffer.position();
    }

    /**
     * Reads as {@link #read}, but until there is no more: the kernel hands out a file of many records, such as /proc/vmstat, a page
     * at a time.
     */
    int readWhole(FileChannel channel, Scratch scratch) throws IOException {
        ByteBuffer buffer = scratch.buffer();
        while (channel.read(buffer, buffer.position()) > 0) {
            if (!buffer.hasRemaining()) {
                buffer = scratch.grown();
                if (!buffer.hasRemaining()) {
                    break;
                }
            }
        }
        return buffer.position();
    }

    /** One write(2). 0 is EAGAIN: {@link FileChannel} has no exception for it. */
    int write(FileChannel channel, ByteBuffer request) throws IOException {
        return channel.write(request);
    }

    /** The whole of a small file. */
    String text(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }

    Facts facts(Path path) throws IOException {
        Map<String, Object> attributes =
                Files.readAttributes(path, "unix:ino,nlink,isDirectory", LinkOption.NOFOLLOW_LINKS);
        if (attributes.get("ino") instanceof Long id
                && attributes.get("nlink") instanceof Integer links
                && attributes.get("isDirectory") instanceof Boolean directory) {
            return new Facts(id, directory, links);
        }
        throw new IOException("no inode number is to be had for " + path);
    }

    /** What tells a directory from every other there is: equal for the same one. Costs a third of {@link #facts}. */
    @Nullable
    Object key(Path directory) throws IOException {
        return Files.readAttributes(directory, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    boolean exists(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    boolean writable(Path path) {
        return Files.isWritable(path);
    }

    /** The names in a directory, files and directories alike. */
    List<String> names(Path directory) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                names.add(lastName(entry));
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }

    static String lastName(Path path) {
        @Nullable Path name = path.getFileName();
        return name == null ? "" : name.toString();
    }
}
