package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.config.Signal;
import dev.tidemark.config.Signal.Scope;
import dev.tidemark.reclaim.cgroup2.KernelFile.Format;
import dev.tidemark.reclaim.cgroup2.LimitCache.Limit;
import dev.tidemark.triggers.SignalSet;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which files a set of signals needs, and what goes where. Made once a set, so that a read neither allocates nor asks
 * twice for one file. Derived signals need nothing: whoever computes them asks for their parts.
 */
final class ReadPlan {
    private static final KernelFile[] NO_FILES = {};

    /** The files of a cgroup, in the order in which they are to be read, and what each is read for. */
    final KernelFile[] files;

    final FilePlan[] plans;
    /** For {@link KernelFile#STAT}, if it is among them and scans or steals are wanted. */
    final @Nullable ReclaimCounters reclaim;
    /** The limits of the cgroup itself, and where each goes. */
    final Limit[] limits;

    final int[] limitSlots;
    final int limitSlot;
    final int swapHeadroomSlot;
    final int protectionSlot;
    /** By the file's path below /proc. */
    final Map<String, FilePlan> host = new LinkedHashMap<>();

    ReadPlan(SignalSet signals, int pageBytes) {
        Map<KernelFile, FilePlan> byFile = new EnumMap<>(KernelFile.class);
        for (int slot = 0; slot < signals.size(); slot++) {
            Signal signal = signals.signal(slot);
            if (signal.scope() == Scope.HOST) {
                host.computeIfAbsent(signal.file(), file -> new FilePlan(HostFiles.format(file), pageBytes))
                        .add(signal, slot);
                continue;
            }
            @Nullable KernelFile file = KernelFile.named(signal.file());
            if (file != null && !ReclaimCounters.counts(signal)) {
                byFile.computeIfAbsent(file, of -> new FilePlan(of.format(), pageBytes))
                        .add(signal, slot);
            }
        }
        reclaim = ReclaimCounters.of(
                signals, () -> byFile.computeIfAbsent(KernelFile.STAT, _ -> new FilePlan(Format.KEYED, pageBytes)));
        files = byFile.keySet().toArray(NO_FILES);
        plans = byFile.values().toArray(FilePlan[]::new);
        limits = Arrays.stream(Limit.values())
                .filter(limit -> signals.slot(limit.signal()) >= 0)
                .toArray(Limit[]::new);
        limitSlots = Arrays.stream(limits)
                .mapToInt(limit -> signals.slot(limit.signal()))
                .toArray();
        limitSlot = signals.slot(Signal.LIMIT);
        swapHeadroomSlot = signals.slot(Signal.SWAP_HEADROOM);
        protectionSlot = signals.slot(Signal.PROTECTION);
    }
}
