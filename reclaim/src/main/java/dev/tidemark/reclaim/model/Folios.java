package dev.tidemark.reclaim.model;

import java.util.Arrays;

/**
 * All pages of all mappings, as one table of columns. A row is a page of a mapping; a folio is the row of one that is resident. Lists
 * run through the rows, so that moving a page costs a few writes to arrays and no allocation.
 *
 * <p>Rows are given out in blocks to neighbours of one mapping, and taken back with it: what lies together is mostly brought in, used and
 * evicted together, and the time it takes to go through many pages is that of fetching the lines of memory they are in.
 */
final class Folios {

    static final int PAGE_SHIFT = 12;
    static final int PAGE_SIZE = 1 << PAGE_SHIFT;

    /** No folio, or no block. */
    static final int NONE = -1;

    /** Rows of a block: of a column of numbers, a line of the processor's cache. */
    static final int BLOCK = 1 << Folios.BLOCK_SHIFT;

    static final int BLOCK_SHIFT = 4;

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
    /** The row is a folio. */
    private static final int RESIDENT = 1 << 15;

    private static final int INITIAL_ROWS = 1024;

    int[] flags = new int[INITIAL_ROWS];
    int[] prev = new int[INITIAL_ROWS];
    int[] next = new int[INITIAL_ROWS];
    int[] dirtyPrev = new int[INITIAL_ROWS];
    int[] dirtyNext = new int[INITIAL_ROWS];
    long[] dirtiedNanos = new long[INITIAL_ROWS];
    /** Under generations: the one it belongs to, or {@link #NONE}. */
    byte[] gen = new byte[INITIAL_ROWS];
    /** Under generations: the one whose list it is on. */
    byte[] listGen = new byte[INITIAL_ROWS];

    private MemCgroup[] memcg = new MemCgroup[INITIAL_ROWS];
    private long[] shadow = new long[INITIAL_ROWS];

    /** By block: whose pages they are, and the index of the first; of a block that is given back the row of another one, or {@link #NONE}. */
    private Mapping[] mapping = new Mapping[INITIAL_ROWS >> BLOCK_SHIFT];

    private int[] firstIndex = new int[INITIAL_ROWS >> BLOCK_SHIFT];

    private int rows;
    private int freeBlock = NONE;
    private int live;
    private long allocated;

    /**
     * Gives a block to a mapping, with nothing resident and nothing remembered.
     *
     * @param firstIndex of the block's first page, a multiple of {@link #BLOCK}
     * @return the row of that page
     */
    int reserve(Mapping of, int firstIndex) {
        int row = freeBlock;
        if (row != NONE) {
            freeBlock = this.firstIndex[row >> BLOCK_SHIFT];
        } else {
            if (rows == flags.length) {
                grow(rows * 2);
            }
            row = rows;
            rows += BLOCK;
        }
        mapping[row >> BLOCK_SHIFT] = of;
        this.firstIndex[row >> BLOCK_SHIFT] = firstIndex;
        Arrays.fill(shadow, row, row + BLOCK, Mapping.EMPTY);
        return row;
    }

    /** Takes a block back of which nothing is resident. */
    void release(int firstRow) {
        firstIndex[firstRow >> BLOCK_SHIFT] = freeBlock;
        freeBlock = firstRow;
    }

    /** A page is there now. */
    void alloc(int row, MemCgroup memcg, int flags) {
        this.flags[row] = flags | RESIDENT;
        this.memcg[row] = memcg;
        prev[row] = NONE;
        next[row] = NONE;
        dirtyPrev[row] = NONE;
        dirtyNext[row] = NONE;
        gen[row] = NONE;
        live++;
        allocated++;
    }

    /**
     * A page is no more.
     *
     * @param shadow what to remember of it, or {@link Mapping#EMPTY}
     */
    void free(int folio, long shadow) {
        flags[folio] = 0;
        this.shadow[folio] = shadow;
        live--;
    }

    /** Whether there is a page in a row. */
    boolean isResident(int row) {
        return is(row, RESIDENT);
    }

    /** What is remembered of a page that is not resident, or {@link Mapping#EMPTY}. */
    long shadow(int row) {
        return shadow[row];
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
        if (!is(folio, flag)) {
            return false;
        }
        clear(folio, flag);
        return true;
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
        return mapping[folio >> BLOCK_SHIFT];
    }

    /** Which page of its mapping it is. */
    int index(int folio) {
        return firstIndex[folio >> BLOCK_SHIFT] + (folio & BLOCK - 1);
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
        gen = Arrays.copyOf(gen, size);
        listGen = Arrays.copyOf(listGen, size);
        memcg = Arrays.copyOf(memcg, size);
        shadow = Arrays.copyOf(shadow, size);
        mapping = Arrays.copyOf(mapping, size >> BLOCK_SHIFT);
        firstIndex = Arrays.copyOf(firstIndex, size >> BLOCK_SHIFT);
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
