package dev.tidemark.reclaim.model;

import java.util.Arrays;

/**
 * All resident pages of the model, as one table of columns. A folio is a row number; lists run through the rows, so that
 * moving a page costs a few writes to arrays and no allocation. Rows are reused.
 */
final class Folios {

    static final int PAGE_SHIFT = 12;
    static final int PAGE_SIZE = 1 << PAGE_SHIFT;

    /** No folio. */
    static final int NONE = -1;

    static final int ACTIVE = 1;
    static final int REFERENCED = 1 << 1;
    static final int WORKINGSET = 1 << 2;
    static final int DIRTY = 1 << 3;
    static final int WRITEBACK = 1 << 4;
    /** Freed as soon as its writeback is done. */
    static final int RECLAIM = 1 << 5;

    static final int ANON = 1 << 6;
    /** In a page table. */
    static final int MAPPED = 1 << 7;
    /** The accessed bit of that page table entry. */
    static final int YOUNG = 1 << 8;
    /** Being read from the disk. */
    static final int LOCKED = 1 << 9;
    /** Has a slot of swap as well: it is on its way to the disk, or there already. */
    static final int SWAPCACHE = 1 << 10;
    /** Its slot of swap holds it compressed. */
    static final int COMPRESSED = 1 << 14;
    /** Brought in by a page fault; stands in no page's flags, but in what a page is to be added with. */
    static final int FAULT = 1 << 11;
    /** Under generations: how often it was used beyond what {@link #REFERENCED} and {@link #WORKINGSET} say, 0 to 3. */
    static final int REFS_SHIFT = 12;

    static final int REFS_MASK = 3 << REFS_SHIFT;

    int[] flags = new int[1024];
    int[] prev = new int[1024];
    int[] next = new int[1024];
    int[] dirtyPrev = new int[1024];
    int[] dirtyNext = new int[1024];
    long[] dirtiedNanos = new long[1024];
    int[] index = new int[1024];
    /** Under generations: the one it belongs to, or {@link #NONE}. */
    byte[] gen = new byte[1024];
    /** Under generations: the one whose list it is on. */
    byte[] listGen = new byte[1024];

    private Mapping[] mapping = new Mapping[1024];
    private MemCgroup[] memcg = new MemCgroup[1024];

    private int rows;
    private int freeHead = NONE;
    private int live;
    private long allocated;

    int alloc(Mapping mapping, int index, MemCgroup memcg, int flags) {
        int folio;
        if (freeHead != NONE) {
            folio = freeHead;
            freeHead = next[folio];
        } else {
            if (rows == this.flags.length) {
                grow(rows * 2);
            }
            folio = rows++;
        }
        this.flags[folio] = flags;
        this.mapping[folio] = mapping;
        this.index[folio] = index;
        this.memcg[folio] = memcg;
        prev[folio] = NONE;
        next[folio] = NONE;
        dirtyPrev[folio] = NONE;
        dirtyNext[folio] = NONE;
        gen[folio] = NONE;
        live++;
        allocated++;
        return folio;
    }

    void free(int folio) {
        flags[folio] = 0;
        next[folio] = freeHead;
        freeHead = folio;
        live--;
    }

    /** How many pages have been brought in so far. */
    long allocated() {
        return allocated;
    }

    /** How many pages are resident. */
    int live() {
        return live;
    }

    boolean is(int folio, int flag) {
        return (flags[folio] & flag) != 0;
    }

    void set(int folio, int flag) {
        flags[folio] |= flag;
    }

    void clear(int folio, int flag) {
        flags[folio] &= ~flag;
    }

    /** Clears the flag and says whether it was set. */
    boolean testClear(int folio, int flag) {
        boolean was = is(folio, flag);
        clear(folio, flag);
        return was;
    }

    /** 1 for file pages, 0 for anonymous ones: the kernel's {@code folio_is_file_lru}. */
    int type(int folio) {
        return is(folio, ANON) ? 0 : 1;
    }

    /** The list a folio belongs on by its flags ({@code folio_lru_list}). */
    int lru(int folio) {
        return 2 * type(folio) + (is(folio, ACTIVE) ? 1 : 0);
    }

    Mapping mapping(int folio) {
        return mapping[folio];
    }

    MemCgroup memcg(int folio) {
        return memcg[folio];
    }

    private void grow(int size) {
        flags = Arrays.copyOf(flags, size);
        prev = Arrays.copyOf(prev, size);
        next = Arrays.copyOf(next, size);
        dirtyPrev = Arrays.copyOf(dirtyPrev, size);
        dirtyNext = Arrays.copyOf(dirtyNext, size);
        dirtiedNanos = Arrays.copyOf(dirtiedNanos, size);
        index = Arrays.copyOf(index, size);
        gen = Arrays.copyOf(gen, size);
        listGen = Arrays.copyOf(listGen, size);
        mapping = Arrays.copyOf(mapping, size);
        memcg = Arrays.copyOf(memcg, size);
    }

    /** One list through two of the columns; the head is the young end. */
    static final class Chain {
        int head = NONE;
        int tail = NONE;
        int size;

        void addHead(int[] prev, int[] next, int folio) {
            prev[folio] = NONE;
            next[folio] = head;
            if (head == NONE) {
                tail = folio;
            } else {
                prev[head] = folio;
            }
            head = folio;
            size++;
        }

        void addTail(int[] prev, int[] next, int folio) {
            next[folio] = NONE;
            prev[folio] = tail;
            if (tail == NONE) {
                head = folio;
            } else {
                next[tail] = folio;
            }
            tail = folio;
            size++;
        }

        boolean isEmpty() {
            return size == 0;
        }

        void remove(int[] prev, int[] next, int folio) {
            int before = prev[folio];
            int after = next[folio];
            if (before == NONE) {
                head = after;
            } else {
                next[before] = after;
            }
            if (after == NONE) {
                tail = before;
            } else {
                prev[after] = before;
            }
            prev[folio] = NONE;
            next[folio] = NONE;
            size--;
        }
    }
}
