package dev.tidemark.reclaim.model;

import java.util.Arrays;

/**
 * Pages of one file or of one piece of anonymous memory, by index ({@code struct address_space}). Of each there is a resident folio, the
 * {@link Shadow} that eviction left (for anonymous memory it also stands for the swap slot), or nothing.
 */
final class Mapping {

    static final long EMPTY = 0;

    final boolean anon;
    /** Whom swapped-out pages are charged to; for files whoever charged first has the page. */
    final MemCgroup memcg;

    /** When the reads from the disk that are under way are through; of a file. */
    long readUntilNanos;

    private final Folios folios;
    /** The first rows of the blocks its pages are in; {@link Folios#NONE} where nothing has been yet. */
    private int[] blocks = {Folios.NONE};

    private int pages;
    private long bytes;

    Mapping(Folios folios, boolean anon, MemCgroup memcg) {
        this.folios = folios;
        this.anon = anon;
        this.memcg = memcg;
    }

    /** How many pages so many bytes take. */
    static int pagesOf(long bytes) {
        return (int) Math.min(Integer.MAX_VALUE, Math.ceilDiv(bytes, Folios.PAGE_SIZE));
    }

    /** How many pages it is long. */
    int pages() {
        return pages;
    }

    /** How many bytes it is long, of a file. */
    long bytes() {
        return bytes;
    }

    /** The file has been written that far; its pages are there. */
    void extendToBytes(long end) {
        bytes = Math.max(bytes, end);
    }

    void extendTo(int pages) {
        int needed = Math.ceilDiv(pages, Folios.BLOCK);
        int there = blocks.length;
        if (needed > there) {
            blocks = Arrays.copyOf(blocks, Math.max(needed, 2 * there));
            Arrays.fill(blocks, there, blocks.length, Folios.NONE);
        }
        this.pages = Math.max(this.pages, pages);
    }

    private int row(int index) {
        int block = blocks[index >> Folios.BLOCK_SHIFT];
        return block == Folios.NONE ? Folios.NONE : block + (index & Folios.BLOCK - 1);
    }

    /** The resident folio or {@link Folios#NONE}. */
    int folio(int index) {
        int row = row(index);
        return row == Folios.NONE || folios.isResident(row) ? row : Folios.NONE;
    }

    /** The shadow, below 0, or {@link #EMPTY}; of a page that is not resident. */
    long shadow(int index) {
        int row = row(index);
        return row == Folios.NONE ? EMPTY : folios.shadow(row);
    }

    /**
     * Brings a page in that is not resident.
     *
     * @return the folio
     */
    int add(int index, MemCgroup memcg, int flags) {
        int row = row(index);
        if (row == Folios.NONE) {
            int block = folios.reserve(this, index & -Folios.BLOCK);
            blocks[index >> Folios.BLOCK_SHIFT] = block;
            row = block + (index & Folios.BLOCK - 1);
        }
        folios.alloc(row, memcg, flags);
        return row;
    }

    /** Forgets everything; no page is resident any more. */
    void clear() {
        for (int i = 0; i < blocks.length; i++) {
            if (blocks[i] != Folios.NONE) {
                folios.release(blocks[i]);
                blocks[i] = Folios.NONE;
            }
        }
    }
}
