package dev.tidemark.reclaim.model;

import java.util.Arrays;

/**
 * Pages of one file or of one piece of anonymous memory, by index ({@code struct address_space}). A slot holds a resident
 * folio, the shadow that eviction left ({@link Workingset}; for anonymous memory it also stands for the swap slot), or
 * nothing.
 */
final class Mapping {

    static final long EMPTY = 0;

    final boolean anon;
    /** Whom swapped-out pages are charged to; for files whoever charged first has the page. */
    final MemCgroup memcg;

    /** When the reads from the disk that are under way are through; of a file. */
    long readUntilNanos;

    private long[] slots = new long[16];
    private int pages;
    private long bytes;

    Mapping(boolean anon, MemCgroup memcg) {
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
        if (pages > slots.length) {
            slots = Arrays.copyOf(slots, Math.max(pages, (int) Math.min(Integer.MAX_VALUE - 8L, slots.length * 2L)));
        }
        this.pages = Math.max(this.pages, pages);
    }

    /** The resident folio or {@link Folios#NONE}. */
    int folio(int index) {
        long slot = slots[index];
        return slot > 0 ? (int) (slot - 1) : Folios.NONE;
    }

    /** The shadow, below 0, or {@link #EMPTY}. */
    long shadow(int index) {
        return Math.min(slots[index], EMPTY);
    }

    void setFolio(int index, int folio) {
        slots[index] = folio + 1L;
    }

    void setShadow(int index, long shadow) {
        slots[index] = shadow;
    }
}
