package dev.tidemark.agent;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/**
 * A Unix domain socket in the file system that listens for its owner only, and the right to be the one who does.
 *
 * <p>That right is a lock on the file {@code NAME.lock} beside it, which the kernel takes back however its holder ends: so a
 * socket found with the lock free is a dead agent's and may be replaced, and of two agents that start at once one is refused.
 * The socket is made in a directory that nobody else may enter and moved to its place: there is no instant at which it is open
 * to others, nor one at which a stale one is gone and the new one not there.
 *
 * <p><b>Thread:</b> any, one at a time. <b>Failure:</b> {@link #take} leaves nothing behind but the lock file, which is empty.
 */
final class SocketFile implements AutoCloseable {

    /** Bytes of a path that fit into the kernel's address, with its terminating zero. */
    private static final int LONGEST_ADDRESS = 107;

    /** The longest of the names it has while it is being made. */
    private static final int LONGEST_DETOUR = "/.t18446744073709551615/s".length();

    private final Path path;
    private final FileChannel lock;
    private final ServerSocketChannel channel;

    private SocketFile(Path path, FileChannel lock, ServerSocketChannel channel) {
        this.path = path;
        this.lock = lock;
        this.channel = channel;
    }

    /** It cannot be taken; the message is for people. */
    static final class TakenException extends IOException {
        private static final long serialVersionUID = 1;

        TakenException(String message) {
            super(message);
        }
    }

    /** Where an agent listens unless it is told otherwise: where systemd says, else {@code /run/tidemark}. */
    static Path byDefault(Map<String, String> environment) {
        String runtime = environment.getOrDefault("RUNTIME_DIRECTORY", "");
        // systemd separates several by colons.
        return Path.of(runtime.isEmpty() ? "/run/tidemark" : runtime.split(":", 2)[0], "tidemark.sock");
    }

    /**
     * Takes the place and listens. Blocks for a few system calls.
     *
     * @throws TakenException when somebody else has it, or something that is no socket stands there
     * @throws IOException when it cannot be made
     */
    static SocketFile take(Path path) throws IOException {
        Path absolute = path.toAbsolutePath();
        Path directory = absolute.getParent();
        if (directory == null) {
            throw new IOException(path + " cannot be a socket");
        }
        if (Math.max(bytes(absolute), bytes(directory) + LONGEST_DETOUR) > LONGEST_ADDRESS) {
            throw new IOException(absolute + " is too long a path for a socket: its directory may have "
                    + (LONGEST_ADDRESS - LONGEST_DETOUR) + " bytes, all of it " + LONGEST_ADDRESS);
        }
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        FileChannel lock = LockFile.take(absolute).orElseThrow(() -> inUse(absolute));
        try {
            requireStale(absolute);
            return new SocketFile(absolute, lock, listen(directory, absolute));
        } catch (IOException e) {
            lock.close();
            throw e;
        }
    }

    ServerSocketChannel channel() {
        return channel;
    }

    /** Its path. */
    @Override
    public String toString() {
        return path.toString();
    }

    /** Listens no more, and removes the socket. Idempotent: once it is given up, what stands there is another's. */
    @Override
    public void close() throws IOException {
        if (!lock.isOpen()) {
            return;
        }
        try (lock;
                channel) {
            Files.deleteIfExists(path);
        }
    }

    private static int bytes(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length;
    }

    private static TakenException inUse(Path path) {
        return new TakenException(
                path + " is in use by a running agent: end that one, or give this one --socket PATH or --no-socket");
    }

    private static void requireStale(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw new TakenException(path + " is there and is no socket: remove it, or give another --socket PATH");
        }
        try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            // Somebody who does not know of the lock.
            throw inUse(path);
        } catch (ConnectException _) {
            // Nobody listens any more.
            return;
        }
    }

    private static ServerSocketChannel listen(Path directory, Path path) throws IOException {
        Path hidden = Files.createTempDirectory(directory, ".t");
        Path made = hidden.resolve("s");
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.bind(UnixDomainSocketAddress.of(made));
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-------"));
            Files.move(made, path, StandardCopyOption.ATOMIC_MOVE);
            return channel;
        } catch (IOException e) {
            channel.close();
            Files.deleteIfExists(made);
            throw e;
        } finally {
            Files.deleteIfExists(hidden);
        }
    }
}
