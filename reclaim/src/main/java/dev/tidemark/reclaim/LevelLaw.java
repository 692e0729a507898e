package dev.tidemark.reclaim;

/** The laws that go by usage alone and have nothing to remember. */
enum LevelLaw implements ControlLaw {
    /** What lies between usage and the usage at which STOP holds: it neither stops short nor takes what STOP would have left. */
    WATERMARK {
        @Override
        public long nrPages(Look look, long batchPages) {
            double excess = Math.ceil((look.usageBytes() - look.stopBytes()) / look.pageSize());
            // Not comparable (NaN): nothing is known of how far it is, so a batch at a time.
            return excess <= batchPages ? Math.max(SWAP_CLUSTER_MAX, (long) excess) : batchPages;
        }
    },
    /** A whole batch each time. */
    FIXED {
        @Override
        public long nrPages(Look look, long batchPages) {
            return batchPages;
        }
    };

    @Override
    public void asked(long pages, int pageSize) {}

    @Override
    public long nanosUntilMore(long now) {
        return 1;
    }
}
