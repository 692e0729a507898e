package dev.tidemark.reclaim.model;

/** Where the contents of swapped-out pages are kept. Confined to the clock's thread. */
sealed interface SwapDevice permits Zram, Zswap, SwapDisk {

    /**
     * Compresses a page if there is a place for that.
     *
     * @return whether the page may be freed at once; if not it has to be written to the disk first
     */
    boolean store(MemCgroup memcg);

    /** A page that was compressed is wanted again: counts that and says what it costs, in nanoseconds. */
    long load(MemCgroup memcg);

    /** Lets go of a compressed page. */
    void free(MemCgroup memcg);

    /** Takes or gives back the memory that the compressed pages need by now; to be called when the pages themselves are freed. */
    void settle(MemCgroup memcg);

    /** How long it takes to compress one page, in nanoseconds. */
    long outNanos();
}
