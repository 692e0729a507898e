package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.triggers.PushRequest;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Tells what cgroups lack of what a kernel needs to tell of them by itself. That the host keeps no pressure at all, or that all is
 * read-only, is told elsewhere, once.
 *
 * <p>A window that is only to be had rounded is no lack; {@link PushOpener} tells of it when it happens.
 *
 * <p><b>Thread:</b> blocks.
 */
final class PushCheck {
    private final CgroupFs fs;
    private final boolean pressureKept;
    private final boolean readOnly;

    PushCheck(CgroupFs fs, boolean pressureKept, boolean readOnly) {
        this.fs = fs;
        this.pressureKept = pressureKept;
        this.readOnly = readOnly;
    }

    static boolean ofPressure(Set<PushRequest> requests) {
        return requests.stream().anyMatch(request -> request instanceof PushRequest.Pressure);
    }

    /**
     * Adds a sentence for each request that none of the cgroups can be asked.
     *
     * @param directories of cgroups that are alike; nothing is lacking where there is none yet
     */
    void lacks(Set<PushRequest> requests, List<Path> directories, Collection<String> lacks) {
        for (PushRequest request : requests) {
            switch (request) {
                case PushRequest.Pressure pressure -> {
                    Trigger trigger = Trigger.of(pressure);
                    if (pressureKept) {
                        lacks(trigger.fileName(), trigger.toString(), true, directories, lacks);
                    }
                }
                case PushRequest.Events() -> lacks(PushOpener.EVENTS, PushOpener.EVENTS, false, directories, lacks);
            }
        }
    }

    private void lacks(String name, String what, boolean written, List<Path> directories, Collection<String> lacks) {
        List<Path> there = directories.stream()
                .map(directory -> directory.resolve(name))
                .filter(fs::exists)
                .toList();
        if (there.isEmpty()) {
            directories.stream().limit(1).forEach(none -> lacks.add(PushOpener.missing(none.resolve(name), what)));
        } else if (written && !readOnly && there.stream().noneMatch(fs::writable)) {
            lacks.add(PushOpener.notWritable(there.getFirst(), what));
        }
    }
}
