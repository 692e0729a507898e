package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.reclaim.PushSink;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.PushRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * One subscriber of pushes, and what it is told through.
 *
 * <p><b>Thread:</b> confined to the push thread, but for what {@link PushSink} says.
 */
final class PushStream {
    final Cgroup cgroup;
    final Set<PushRequest> requests;
    final PushSink sink;
    final List<PushFile> files = new ArrayList<>();

    PushStream(Cgroup cgroup, Set<PushRequest> requests, PushSink sink) {
        this.cgroup = cgroup;
        this.requests = requests;
        this.sink = sink;
    }
}
