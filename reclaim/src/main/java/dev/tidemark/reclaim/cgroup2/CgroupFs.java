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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Every system call on cgroup files that this package makes.
 *
 * <p>Reads go by descriptors, past {@link FileChannel}: that costs a small file's worth of objects each, and closes itself when its reader
 * is interrupted. Writes stay with it: closing it is how a write is broken off.
 *
 * <p><b>Thread:</b> all of it blocks; never to be called on an event-loop or core thread. Blocking detectors see neither calls of the
 * C library nor {@link FileChannel}, so they are told of this class by name. <b>Failure:</b> the {@link IOException} of the JDK,
 * {@link Errno} tells which. An interrupt does not end a read: none waits for anything but the kernel's own work.
 *
 * <p>Open to subclasses so that tests can stand between us and the kernel.
 */
class CgroupFs {
    /** A directory as the kernel knows it. {@code links} of 2 says that it has no subdirectories. */
    record Facts(long id, boolean directory, int links) {}

    /** A descriptor of the file, which whoever asked has to close. */
    int openForReading(Directory directory, String file, Scratch scratch) throws IOException {
        int from = directory.from();
        return LibC.openForReading(scratch.state(), from, scratch.path(directory, from, file), directory, file);
    }

    /** A descriptor that is only good for finding what is below, which whoever asked has to close. */
    int openPath(Path directory) throws IOException {
        return LibC.open(Scratch.mine().state(), directory.toString(), LibC.O_PATH | LibC.O_CLOEXEC);
    }

    void close(int descriptor) {
        LibC.close(descriptor);
    }

    FileChannel openForWriting(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.WRITE);
    }

    /** As a shell opens what it redirects to; the kernel takes no notice of the rest. */
    FileChannel openForReplacing(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
    }

    /** Reads from the start into the scratch's buffer, with one read(2) but for files beyond its size; how many bytes. */
    int read(int descriptor, Scratch scratch) throws IOException {
        int length = readAt(descriptor, 0, scratch);
        while (length == scratch.capacity() && scratch.grow()) {
            int more = readAt(descriptor, length, scratch);
            if (more == 0) {
                break;
            }
            length += more;
        }
        return length;
    }

    /**
     * Reads as {@link #read}, but until there is no more: the kernel hands out a file of many records, such as /proc/vmstat, a page
     * at a time.
     */
    int readWhole(int descriptor, Scratch scratch) throws IOException {
        int length = 0;
        while (length < scratch.capacity() || scratch.grow()) {
            int more = readAt(descriptor, length, scratch);
            if (more == 0) {
                break;
            }
            length += more;
        }
        return length;
    }

    /** Opens, reads whole and closes. */
    int readWhole(Directory directory, String file, Scratch scratch) throws IOException {
        int descriptor = openForReading(directory, file, scratch);
        try {
            return readWhole(descriptor, scratch);
        } finally {
            close(descriptor);
        }
    }

    private static int readAt(int descriptor, int offset, Scratch scratch) throws IOException {
        return LibC.pread(scratch.state(), descriptor, scratch.buffer(), offset, scratch.capacity() - offset);
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

    /** The id of {@link #facts} alone, at a tenth of the cost. */
    long id(Directory directory, Scratch scratch) throws IOException {
        int from = directory.from();
        return LibC.inode(scratch.state(), from, scratch.path(directory, from, ""), scratch.facts(), directory);
    }

    /** Whether what is at this path is the cgroup of this id. */
    final boolean isSame(Directory directory, long id) throws IOException {
        try {
            return id(directory, Scratch.mine()) == id;
        } catch (IOException e) {
            return switch (Errno.of(e)) {
                case NOENT, NODEV, NOTDIR -> false;
                default -> throw e;
            };
        }
    }

    void makeDirectory(Path path) throws IOException {
        Files.createDirectory(path);
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
