package dev.tidemark.reclaim.model;

/**
 * Which pages of an open file to read when one is missed, and which ahead of need ({@code struct file_ra_state}, {@code
 * mm/readahead.c}, and for faults {@code do_sync_mmap_readahead} in {@code mm/filemap.c}). The page that starts the next
 * window when it is accessed is remembered here, where the kernel flags the page itself.
 */
final class Readahead {

    /** {@code MMAP_LOTSAMISS}. */
    private static final int LOTS_OF_MISSES = 100;

    private static final int NO_MARKER = -1;

    private final int maxPages;
    private int start;
    private int size;
    private int asyncSize;
    private int previous = -1;
    private int misses;
    private int marker = NO_MARKER;

    /**
     * @param maxPages {@code read_ahead_kb}, in pages
     */
    Readahead(int maxPages) {
        this.maxPages = maxPages;
    }

    /** A file has been opened. */
    void open() {
        start = 0;
        size = 0;
        asyncSize = 0;
        previous = -1;
        misses = 0;
        marker = NO_MARKER;
    }

    /** First page of the window last decided upon. */
    int start() {
        return start;
    }

    /** Pages in it; none when nothing is to be read but what was missed. */
    int size() {
        return size;
    }

    /** Whether accessing this page is the sign to read on. */
    boolean isMarker(int page) {
        return page == marker;
    }

    /** A fault on a page that is not there: reads around it, unless that has been of no use. */
    void faultMissed(int page) {
        misses = Math.min(misses + 1, LOTS_OF_MISSES * 10);
        if (misses > LOTS_OF_MISSES) {
            size = 0;
            return;
        }
        start = Math.max(0, page - maxPages / 2);
        size = maxPages;
        asyncSize = maxPages / 4;
        mark();
    }

    /** Faults on pages that were there. */
    void faultsHit(int pages) {
        misses = Math.max(0, misses - pages);
    }

    /** A read of a page that is not there ({@code ondemand_readahead}): a stream gets a window, anything else its page. */
    void readMissed(int page) {
        if (page == start + size - asyncSize || page == start + size) {
            advance();
        } else if (page == 0 || page - previous == 1 || page == previous) {
            start = page;
            size = Math.max(1, maxPages / 8);
            asyncSize = size - 1;
            mark();
        } else {
            size = 0;
        }
    }

    /** A page has been read. */
    void read(int page) {
        previous = page;
    }

    /** The marker has been met ({@code page_cache_async_ra}): the next window, up to twice as long. */
    void advance() {
        start += size;
        size = size > maxPages / 2 ? maxPages : Math.max(1, size) * (size < maxPages / 16 ? 4 : 2);
        asyncSize = size;
        mark();
    }

    private void mark() {
        marker = start + size - asyncSize;
    }
}
