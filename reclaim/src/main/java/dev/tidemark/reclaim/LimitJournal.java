package dev.tidemark.reclaim;

import java.util.List;
import reactor.core.publisher.Mono;

/**
 * Where it is kept what has to be put back, for when the agent ends without doing so.
 *
 * <p><b>Thread:</b> any; nothing blocks. One save at a time: the next is subscribed to when the one before has ended.
 */
@FunctionalInterface
public interface LimitJournal {

    /** For a kernel that does not outlive the agent. */
    LimitJournal NONE = entries -> Mono.empty();

    /** Keeps these in place of those before. Lazy; completes once they would survive the agent, or fails and keeps those before. */
    Mono<Void> save(List<Entry> entries);

    /**
     * A setting that is not as it was found.
     *
     * @param policy which changed it first
     * @param path of the cgroup, relative to the root
     * @param id of the cgroup, which no other ever gets
     * @param beforeBytes what was found, and is to be put back
     * @param writtenBytes what may have been written since: the last value, and while it is being replaced the next one too
     */
    record Entry(String policy, String path, long id, LimitFile file, long beforeBytes, List<Long> writtenBytes) {
        public Entry {
            writtenBytes = List.copyOf(writtenBytes);
        }
    }
}
