package dev.tidemark.triggers;

import java.util.Set;
import reactor.core.publisher.Flux;

/** A kernel that can tell of things by itself. */
public interface PushSource {

    /**
     * Asks the kernel to tell of these things from subscription to cancellation.
     *
     * <p><b>Thread:</b> emitted on a thread of the source's own; subscribing and cancelling never block. <b>Back-pressure:</b> one
     * push a request that the subscriber has not asked for is kept, later ones of the same request replace it. <b>Failure:</b>
     * completes when the cgroup is gone; an error when the kernel refuses, with a message for people. Other cgroups' streams go
     * on.
     */
    Flux<Push> pushes(Cgroup cgroup, Set<PushRequest> requests);
}
