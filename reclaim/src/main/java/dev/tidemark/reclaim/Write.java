package dev.tidemark.reclaim;

import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/** One request to the kernel, from its beginning until it is back. Confined to the core thread. */
final class Write {

    final Target target;
    final Activation activation;
    final long askedPages;

    /** What it is paid from. */
    final Purse policys;

    final Purse agents;

    /** The next of its deadlines. */
    @Nullable
    Disposable deadline;

    /** It took longer than it may, and was cancelled for that. */
    boolean overdue;

    /** It has not come back although cancelled. */
    boolean stuck;

    /** Another may run in its place. */
    boolean replaced;

    Write(Target target, Activation activation, long askedPages, Purse policys, Purse agents) {
        this.target = target;
        this.activation = activation;
        this.askedPages = askedPages;
        this.policys = policys;
        this.agents = agents;
    }
}
