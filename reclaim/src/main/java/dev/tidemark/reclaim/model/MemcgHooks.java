package dev.tidemark.reclaim.model;

import dev.tidemark.triggers.Cgroup;

/**
 * What the BPF series' {@code memcg_bpf_ops} lets a program see and do.
 *
 * <p><b>Thread:</b> called in the allocating task, that is on the model's thread, in the middle of a charge. It must
 * neither wait nor call back into the model's workloads. <b>Failure:</b> what a hook throws is counted and shown by {@link
 * MemoryModel#hookFailures()}; the charge stands and no delay applies.
 */
public interface MemcgHooks {

    /**
     * After a charge has succeeded. Charges served from a per-CPU stock are not told.
     *
     * @param memcg the cgroup that was charged, perhaps below the one this is attached to
     * @param nrPages the whole batch, normally 64 pages, not what the task asked for
     * @return by how many milliseconds to delay the task: up to 10 none, at most 2000
     */
    int memcgCharged(Cgroup memcg, int nrPages);

    /**
     * After pages have been uncharged.
     *
     * @param memcg the cgroup they had been charged to
     * @param nrPages the whole batch
     */
    void memcgUncharged(Cgroup memcg, int nrPages);
}
