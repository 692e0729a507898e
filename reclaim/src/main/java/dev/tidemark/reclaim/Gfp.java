package dev.tidemark.reclaim;

/** Allocation contexts of the kernel ({@code include/linux/gfp_types.h}), as far as reclaim cares. */
public final class Gfp {

    private static final int IO = 0x40;
    private static final int FS = 0x80;
    private static final int DIRECT_RECLAIM = 0x400;
    private static final int KSWAPD_RECLAIM = 0x800;

    /** May do I/O, may enter file systems, may sleep. */
    public static final int GFP_KERNEL = IO | FS | DIRECT_RECLAIM | KSWAPD_RECLAIM;

    private Gfp() {}
}
