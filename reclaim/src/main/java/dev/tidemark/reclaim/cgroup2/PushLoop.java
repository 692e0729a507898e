package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.Push;
import dev.tidemark.triggers.PushRefusedException;
import dev.tidemark.triggers.PushRequest;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What the push thread does: who is to be told of what, and whether what a kernel tells is true.
 *
 * <p><b>Thread:</b> confined to the push thread; descriptors are closed on the executor given, because closing one with a trigger
 * waits for every CPU. <b>Failure:</b> that of one stream ends that stream.
 */
final class PushLoop {
    /** What this and others before it have seen. */
    static final class Tally {
        final LongAdder pushes = new LongAdder();
        final LongAdder falsePushes = new LongAdder();
        final LongAdder refused = new LongAdder();
        final AtomicInteger descriptors = new AtomicInteger();
    }

    /** The files that it is told through are a tenth of this. */
    private static final int LONGEST_TEXT = 4096;

    /** So many false pushes in quick succession would go on for ever, and keep a CPU busy. */
    static final int SPINNING = 1_000;

    private final PushKernel kernel;
    private final PushOpener opener;
    private final Executor closers;
    private final int most;
    private final Tally tally;
    private final byte[] text = new byte[LONGEST_TEXT];

    /** By their keys. */
    private final List<@Nullable PushFile> files = new ArrayList<>();

    private final Deque<Integer> freeKeys = new ArrayDeque<>();
    private final Map<Long, Set<PushStream>> streams = new HashMap<>();
    private int waitedFor;

    /** @param most descriptors to wait for at once */
    PushLoop(PushKernel kernel, PushOpener opener, Executor closers, int most, Tally tally) {
        this.kernel = kernel;
        this.opener = opener;
        this.closers = closers;
        this.most = most;
        this.tally = tally;
    }

    /** Opens what the stream is to be told through, all of it or nothing. */
    void begin(PushStream stream) {
        if (stream.sink.isCancelled()) {
            return;
        }
        streams.computeIfAbsent(stream.cgroup.id(), _ -> new HashSet<>()).add(stream);
        try {
            for (PushRequest request : stream.requests) {
                requireRoom(stream.cgroup, request);
                waitFor(opener.open(kernel, stream, request, text));
            }
        } catch (CgroupGoneException _) {
            end(stream, null);
        } catch (IOException | RuntimeException e) {
            tally.refused.increment();
            end(stream, refused(stream.cgroup, e));
        }
    }

    private static PushRefusedException refused(Cgroup cgroup, Exception e) {
        return e instanceof PushRefusedException already
                ? already
                : new PushRefusedException(
                        "The kernel cannot be asked to tell of " + cgroup.path() + " by itself: " + e.getMessage()
                                + '.',
                        e);
    }

    private void requireRoom(Cgroup cgroup, PushRequest request) throws PushRefusedException {
        if (waitedFor >= most) {
            String what = request instanceof PushRequest.Pressure pressure
                    ? Trigger.of(pressure).toString()
                    : KernelFile.EVENTS.fileName();
            throw new PushRefusedException(
                    "The " + most + " descriptors that may be kept open for pushes are all in use, so "
                            + what + " of " + cgroup.path()
                            + " is left to sampling: watch fewer cgroups with it, or raise the limit "
                            + "of open files (systemd: LimitNOFILE=).");
        }
    }

    private void waitFor(PushFile file) throws IOException {
        @Nullable Integer free = freeKeys.poll();
        int key = free == null ? files.size() : free;
        if (free == null) {
            files.add(null);
        }
        try {
            kernel.add(file.descriptor, key);
        } catch (IOException e) {
            freeKeys.add(key);
            kernel.close(file.descriptor);
            throw e;
        }
        files.set(key, file);
        file.key = key;
        file.stream.files.add(file);
        tally.descriptors.incrementAndGet();
        waitedFor++;
    }

    /** Ends it for its subscriber, with an error unless that is null, and lets go of what it was told through. */
    void end(PushStream stream, @Nullable Exception error) {
        letGo(stream);
        stream.sink.end(error);
    }

    /** As {@link #end} for who is not listening any more. Idempotent. */
    void letGo(PushStream stream) {
        @Nullable Set<PushStream> alike = streams.get(stream.cgroup.id());
        if (alike == null || !alike.remove(stream)) {
            return;
        }
        if (alike.isEmpty()) {
            streams.remove(stream.cgroup.id());
        }
        for (PushFile file : stream.files) {
            files.set(file.key, null);
            freeKeys.add(file.key);
            waitedFor--;
            kernel.remove(file.descriptor);
            closers.execute(() -> {
                kernel.close(file.descriptor);
                tally.descriptors.decrementAndGet();
            });
        }
        stream.files.clear();
    }

    /** The cgroup is known to be gone. */
    void gone(Cgroup cgroup) {
        for (PushStream stream : List.copyOf(streams.getOrDefault(cgroup.id(), Set.of()))) {
            end(stream, null);
        }
    }

    void endAll(@Nullable Exception error) {
        for (Set<PushStream> alike : List.copyOf(streams.values())) {
            for (PushStream stream : List.copyOf(alike)) {
                end(stream, error);
            }
        }
    }

    /**
     * A kernel tells.
     *
     * @param failed with an error condition
     * @param nanos when that became known
     */
    void told(int key, boolean failed, long nanos) {
        @Nullable PushFile file = files.get(key);
        if (file == null) {
            // Ended by what was told before it in the same go.
            return;
        }
        try {
            if (failed && file.endsWithError()) {
                throw new PushRefusedException("The kernel has ended what it told of " + file.stream.cgroup.path()
                        + ": its pressure is not kept any more (cgroup.pressure).");
            }
            confirm(file, nanos);
        } catch (IOException | RuntimeException e) {
            ended(file, e);
        }
    }

    private void confirm(PushFile file, long nanos) throws IOException {
        @Nullable String moved = file.moved(kernel, text);
        if (moved == null) {
            tally.falsePushes.increment();
            if (file.falseAgain(nanos) >= SPINNING) {
                throw new PushRefusedException("The kernel tells of " + file.stream.cgroup.path()
                        + " without end though nothing happens there: it is left to sampling.");
            }
            return;
        }
        tally.pushes.increment();
        file.stream.sink.emit(new Push(file.stream.cgroup, file.request, nanos, file.lasts(), moved));
    }

    private void ended(PushFile file, Exception why) {
        boolean gone = false;
        try {
            gone = opener.isGone(file.stream.cgroup);
        } catch (IOException e) {
            why.addSuppressed(e);
        }
        end(file.stream, gone ? null : refused(file.stream.cgroup, why));
    }
}
