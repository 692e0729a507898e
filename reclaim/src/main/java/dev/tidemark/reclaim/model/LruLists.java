package dev.tidemark.reclaim.model;

/**
 * Which list a page is on, by how it was used, and what is remembered of it when it goes. The two ways the kernel has of that differ
 * here and in how they shrink ({@link LruShrinker}); everything else of reclaim is the same. Confined to the clock's thread.
 */
sealed interface LruLists permits ClassicLists, GenLists {

    /**
     * {@code folio_add_lru}: a page that has just been brought in.
     *
     * @param fault whether by a page fault
     */
    void addNew(int folio, boolean fault);

    /** {@code lruvec_add_folio}: puts a page on the list that its flags say. */
    void add(int folio);

    /** {@code lruvec_del_folio}. */
    void del(int folio);

    /** {@code lruvec_add_folio_tail}: puts a page where it is taken next. */
    void addTail(int folio);

    /** {@code folio_mark_accessed}: a page was used other than through a mapping, or a mapping through which it was used is gone. */
    void markAccessed(int folio);

    /**
     * {@code workingset_eviction}: what to remember of a page that goes.
     *
     * @param target whom reclaim was aimed at
     * @return a {@link Shadow}
     */
    long eviction(int folio, MemCgroup target);

    /**
     * {@code workingset_refault}: what a page that comes back is to be flagged as, and the counting of it.
     *
     * @param memcg whom the page is charged to now
     * @param type 0 anonymous, 1 file
     * @param fault whether it comes back through a page fault
     */
    int refault(long shadow, MemCgroup memcg, int type, boolean fault);

    /** How many pages of a type are on the cgroup's own lists, counted by going through them; of tests. */
    int count(MemCgroup memcg, int lru);
}
