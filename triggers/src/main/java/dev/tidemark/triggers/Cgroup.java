package dev.tidemark.triggers;

/**
 * A cgroup that exists, or existed.
 *
 * @param id the kernel's id, the inode of its directory; a cgroup made anew at the same path has another
 * @param path relative to the cgroup root, without a leading slash; the root itself is ""
 */
public record Cgroup(long id, String path) {

    /** Stands for the host in samples of its signals, {@link dev.tidemark.config.Signal.Scope#HOST}; no cgroup has this id. */
    public static final Cgroup HOST = new Cgroup(0, "host");

    // Written out: this is asked with each sample, and what a record does by itself is slow until it is compiled well.

    @Override
    public boolean equals(Object o) {
        return o == this || (o instanceof Cgroup other && id == other.id && path.equals(other.path));
    }

    @Override
    public int hashCode() {
        return Long.hashCode(id);
    }

    @Override
    public String toString() {
        return (path.isEmpty() ? "/" : path) + "#" + id;
    }
}
