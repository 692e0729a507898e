package dev.tidemark.config;

/**
 * What sizes such as {@code 10%} and {@code 32pages} are resolved with.
 *
 * @param totalBytes the host's memory in bytes, above 0
 * @param pageSize bytes a page, a power of two
 */
public record HostMemory(long totalBytes, int pageSize) {
    public HostMemory {
        if (totalBytes <= 0) {
            throw new IllegalArgumentException("totalBytes > 0 required but it was " + totalBytes);
        }
        if (Integer.bitCount(pageSize) != 1 || pageSize < 0) {
            throw new IllegalArgumentException("pageSize must be a power of two but it was " + pageSize);
        }
    }
}
