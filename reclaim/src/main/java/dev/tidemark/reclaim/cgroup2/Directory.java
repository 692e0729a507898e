package dev.tidemark.reclaim.cgroup2;

import java.nio.charset.Charset;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A directory whose files are opened by name again and again: the bytes of its path are made once.
 *
 * <p><b>Thread:</b> any.
 */
final class Directory {
    /** What the JDK writes paths with. */
    private static final Charset PATHS = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

    private final Path path;
    private final @Nullable HeldMount mount;
    // With a slash at its end.
    private final byte[] bytes;
    private final int mountBytes;

    Directory(Path path) {
        this.path = path;
        this.mount = null;
        this.bytes = withSlash(path).getBytes(PATHS);
        this.mountBytes = 0;
    }

    /** @param path on that mount */
    Directory(HeldMount mount, Path path) {
        this.path = path;
        this.mount = mount;
        this.bytes = withSlash(path).getBytes(PATHS);
        this.mountBytes = withSlash(mount.point()).getBytes(PATHS).length;
    }

    static String withSlash(Path path) {
        String text = path.toString();
        return text.endsWith("/") ? text : text + "/";
    }

    Path path() {
        return path;
    }

    Path resolve(String file) {
        return path.resolve(file);
    }

    /** What its files are to be found from just now: a descriptor, or {@link LibC#AT_FDCWD}. */
    int from() {
        return mount == null ? LibC.AT_FDCWD : mount.from();
    }

    /**
     * Writes the path of one of its files, ended by a zero byte as C wants it.
     *
     * @param from what {@link #from} has told
     * @param file of ASCII characters; empty for the directory itself
     * @return how many bytes, or -1 when there is no room
     */
    int put(int from, String file, byte[] into) {
        int start = from == LibC.AT_FDCWD ? 0 : mountBytes;
        int own = bytes.length - start;
        int length = own + file.length();
        if (length == 0) {
            into[0] = '.';
            into[1] = 0;
            return 2;
        }
        if (length >= into.length) {
            return -1;
        }
        System.arraycopy(bytes, start, into, 0, own);
        for (int i = 0; i < file.length(); i++) {
            into[own + i] = (byte) file.charAt(i);
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
