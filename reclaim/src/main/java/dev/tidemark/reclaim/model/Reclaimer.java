package dev.tidemark.reclaim.model;

/** Who reclaims, by which is counted what is scanned and stolen. */
enum Reclaimer {
    /** A task that charges, or somebody who writes a limit: direct reclaim. */
    DIRECT(Stat.PGSCAN_DIRECT, Stat.PGSTEAL_DIRECT),
    /** Somebody who writes to {@code memory.reclaim}. */
    PROACTIVE(Stat.PGSCAN_PROACTIVE, Stat.PGSTEAL_PROACTIVE),
    /** The agent, which writes a limit: direct reclaim for the kernel, and its own share for the agent. */
    AGENT(Stat.PGSCAN_AGENT, Stat.PGSTEAL_AGENT);

    final int scanned;
    final int stolen;

    Reclaimer(int scanned, int stolen) {
        this.scanned = scanned;
        this.stolen = stolen;
    }
}
