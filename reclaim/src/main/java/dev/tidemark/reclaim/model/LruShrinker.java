package dev.tidemark.reclaim.model;

/** How the lists of one cgroup are scanned and shrunk; the counterpart of {@link LruLists}. Confined to the clock's thread. */
sealed interface LruShrinker permits ClassicShrinker, GenShrinker {

    /** {@code prepare_scan_control}, once for each priority. */
    void prepare(ScanControl sc);

    /** {@code shrink_lruvec}: what this priority takes from one cgroup. */
    void shrinkLruvec(MemCgroup memcg, ScanControl sc);
}
