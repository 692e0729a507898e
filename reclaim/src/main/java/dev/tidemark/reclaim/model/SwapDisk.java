package dev.tidemark.reclaim.model;

/** Swap on a disk and nothing in front of it. */
final class SwapDisk implements SwapDevice {

    @Override
    public boolean store(MemCgroup memcg) {
        return false;
    }

    @Override
    public long load(MemCgroup memcg) {
        throw new IllegalStateException("nothing is compressed here");
    }

    @Override
    public void free(MemCgroup memcg) {
        throw new IllegalStateException("nothing is compressed here");
    }

    @Override
    public void settle(MemCgroup memcg) {}

    @Override
    public long outNanos() {
        return 0;
    }
}
