package dev.tidemark.triggers;

/**
 * A cgroup that exists, or existed.
 *
 * @param id the kernel's id, the inode of its directory; a cgroup made anew at the same path has another
 * @param path relative to the cgroup root, without a leading slash; the root itself is ""
 */
public record Cgroup(long id, String path) {

    @Override
    public String toString() {
        return (path.isEmpty() ? "/" : path) + "#" + id;
    }
}
