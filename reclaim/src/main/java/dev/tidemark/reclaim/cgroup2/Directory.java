package dev.tidemark.reclaim.cgroup2;

import java.nio.charset.Charset;
import java.nio.file.Path;

/**
 * A directory whose files are opened by name again and again: the bytes of its path are made once.
 *
 * <p><b>Thread:</b> any.
 */
final class Directory {
    /** What the JDK writes paths with. */
    private static final Charset PATHS = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

    private final Path path;
    // With a slash at its end.
    private final byte[] bytes;

    Directory(Path path) {
        this.path = path;
        String text = path.toString();
        this.bytes = (text.endsWith("/") ? text : text + "/").getBytes(PATHS);
    }

    Path path() {
        return path;
    }

    Path resolve(String file) {
        return path.resolve(file);
    }

    /**
     * Writes the path of one of its files, ended by a zero byte as C wants it.
     *
     * @param file of ASCII characters; empty for the directory itself
     * @return how many bytes, or -1 when there is no room
     */
    int put(String file, byte[] into) {
        int length = bytes.length + file.length();
        if (length >= into.length) {
            return -1;
        }
        System.arraycopy(bytes, 0, into, 0, bytes.length);
        for (int i = 0; i < file.length(); i++) {
            into[bytes.length + i] = (byte) file.charAt(i);
        }
        // Without its slash: with it the kernel would follow a link.
        int end = file.isEmpty() && length > 1 ? length - 1 : length;
        into[end] = 0;
        return end + 1;
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
