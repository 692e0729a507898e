package dev.tidemark.agent;

import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.CgroupChange;
import dev.tidemark.reclaim.CgroupFilter;
import dev.tidemark.reclaim.LimitAnswer;
import dev.tidemark.reclaim.LimitFile;
import dev.tidemark.reclaim.MemoryController;
import dev.tidemark.reclaim.ReclaimResult;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import dev.tidemark.reclaim.WritebackResult;
import dev.tidemark.reclaim.model.VirtualTime;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.Push;
import dev.tidemark.triggers.PushRequest;
import dev.tidemark.triggers.SignalSet;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * A kernel on whose cgroups everything goes wrong that can, by the dice: for some seconds each does one of the things of
 * {@link Mood}, then another. Their tasks charge memory all the while.
 */
final class FaultyKernel implements MemoryController {

    static final int PAGE = 4096;
    static final long MIB = 1 << 20;
    static final long LIMIT = 256 * MIB;

    private static final double NANOS = 1e-9;
    private static final Duration SHORTEST_SPELL = Duration.ofMillis(50);
    private static final double FASTEST_CHARGES = 24.0 * MIB;

    /** What a cgroup does for a while. */
    enum Mood {
        /** Takes what it is asked for, at 1 GiB/s. */
        GOOD,
        /** Refuses each request. */
        REFUSING,
        /** EAGAIN, with nothing. */
        NOTHING,
        /** EAGAIN, after a part. */
        PART,
        /** Says yes and does nothing. */
        LYING,
        /** Says yes, and that usage cannot be read. */
        SECRETIVE,
        /** Takes seconds, unless cancelled. */
        SLOW,
        /** Comes back when the spell ends, cancelled or not. */
        STUCK,
        /** The request fails by an error, which a controller must not do. */
        BROKEN,
        /** Signals cannot be read. */
        UNREADABLE,
        /** Is not there; another one is at its path afterwards. */
        ABSENT
    }

    /** Told what an agent does, and asked nothing. */
    interface Witness {
        void asked(Member member, long pages);
    }

    /** The cgroup at a path, whatever its id is at present. */
    static final class Member {
        final boolean alwaysGood;
        Cgroup cgroup;
        Mood mood = Mood.GOOD;
        double usage = 16.0 * MIB;

        /** Since when it is there and has done as it should. */
        long goodSince;

        long askedAt;
        private double chargesPerSecond;
        private long chargedAt;

        Member(Cgroup cgroup, boolean alwaysGood) {
            this.cgroup = cgroup;
            this.alwaysGood = alwaysGood;
        }

        private void charge(long now) {
            usage = Math.min(LIMIT, usage + (now - chargedAt) * NANOS * chargesPerSecond);
            chargedAt = now;
        }

        @Override
        public String toString() {
            return cgroup + " (" + mood + ", usage " + (long) (usage / MIB) + " MiB)";
        }
    }

    /** A request that has not come back. */
    static final class Request {
        final Member member;
        final Cgroup cgroup;
        final long since;
        private final long pages;
        private final MonoSink<ReclaimResult> sink;
        private boolean cancelled;
        private boolean ended;

        private Request(Member member, Cgroup cgroup, long since, long pages, MonoSink<ReclaimResult> sink) {
            this.member = member;
            this.cgroup = cgroup;
            this.since = since;
            this.pages = pages;
            this.sink = sink;
        }
    }

    private final VirtualTime time;
    private final SplittableRandom random;
    private final Witness witness;
    private final Map<String, Member> members = new TreeMap<>();
    private final List<Request> inFlight = new ArrayList<>();
    private final List<Request> stuck = new ArrayList<>();
    private @Nullable FluxSink<CgroupChange> watcher;
    private @Nullable CgroupFilter filter;
    private boolean calm;
    private long lastId = 100;

    /** @param paths of cgroups; the first of them never does anything but what it should */
    FaultyKernel(VirtualTime time, SplittableRandom random, List<String> paths, Witness witness) {
        this.time = time;
        this.random = random;
        this.witness = witness;
        for (String path : paths) {
            Member member = new Member(new Cgroup(++lastId, path), members.isEmpty());
            members.put(path, member);
            charging(member);
            if (!member.alwaysGood) {
                nextMood(member);
            }
        }
    }

    Collection<Member> members() {
        return members.values();
    }

    List<Request> inFlight() {
        return inFlight;
    }

    /** From now on nothing goes wrong any more. */
    void calm() {
        calm = true;
        members.values().forEach(member -> change(member, Mood.GOOD));
    }

    private long now() {
        return time.now(TimeUnit.NANOSECONDS);
    }

    private void after(double seconds, Runnable task) {
        time.schedule(task, (long) (seconds * 1e9), TimeUnit.NANOSECONDS);
    }

    /** Spells of all lengths, short ones more often: their logarithm is even. */
    private double spell(double longest) {
        double shortest = SHORTEST_SPELL.toMillis() * 1e-3;
        return shortest * Math.pow(longest / shortest, random.nextDouble());
    }

    private void charging(Member member) {
        member.charge(now());
        member.chargesPerSecond = random.nextInt(3) == 0 ? 0 : FASTEST_CHARGES * random.nextDouble();
        after(spell(60), () -> charging(member));
    }

    private void nextMood(Member member) {
        after(spell(member.mood == Mood.GOOD ? 240 : 30), () -> {
            if (!calm) {
                Mood[] moods = Mood.values();
                change(member, member.mood == Mood.GOOD ? moods[1 + random.nextInt(moods.length - 1)] : Mood.GOOD);
                nextMood(member);
            }
        });
    }

    private void change(Member member, Mood mood) {
        if (member.mood == mood) {
            return;
        }
        boolean back = member.mood == Mood.ABSENT;
        member.mood = mood;
        member.goodSince = now();
        if (mood == Mood.ABSENT) {
            List.copyOf(inFlight).stream()
                    .filter(request -> request.member == member)
                    .forEach(request -> end(request, Outcome.GONE, 0));
            tell(new CgroupChange.Gone(member.cgroup));
        } else if (back) {
            member.cgroup = new Cgroup(++lastId, member.cgroup.path());
            member.usage = 16.0 * MIB;
            tell(new CgroupChange.Appeared(member.cgroup));
        }
        List.copyOf(stuck).stream()
                .filter(request -> request.member == member)
                .forEach(request -> end(request, Outcome.AGAIN, 0));
    }

    private void tell(CgroupChange change) {
        if (watcher != null && filter != null) {
            watcher.next(change);
        }
    }

    @Override
    public Flux<CgroupChange> watch(CgroupFilter wanted) {
        return Flux.create(sink -> {
            watcher = sink;
            filter = wanted;
            members.values().stream()
                    .filter(member -> member.mood != Mood.ABSENT)
                    .filter(member -> wanted.selects(member.cgroup.path()))
                    .forEach(member -> sink.next(new CgroupChange.Appeared(member.cgroup)));
            sink.next(new CgroupChange.Listed());
        });
    }

    @Override
    public Flux<Push> pushes(Cgroup cgroup, Set<PushRequest> requests) {
        return Flux.never();
    }

    @Override
    public void read(Cgroup cgroup, SignalSet signals, double[] values) throws IOException {
        Member member = members.get(cgroup.path());
        if (member == null || member.mood == Mood.ABSENT || member.cgroup.id() != cgroup.id()) {
            throw new CgroupGoneException(cgroup);
        }
        if (member.mood == Mood.UNREADABLE) {
            throw new IOException("Input/output error");
        }
        member.charge(now());
        for (Signal signal : signals.signals()) {
            values[signals.slot(signal)] = value(signal, member);
        }
    }

    private static double value(Signal signal, Member member) {
        if (signal.equals(Signal.USAGE)) {
            return member.usage;
        }
        return signal.equals(Signal.LIMIT) || signal.equals(Signal.MAX) ? LIMIT : Double.NaN;
    }

    @Override
    public Mono<ReclaimResult> tryToFreeMemCgroupPages(
            Cgroup cgroup, long nrPages, int gfp, int reclaimOptions, int swappiness) {
        return Mono.create(sink -> {
            Member member = members.get(cgroup.path());
            if (member == null || member.mood == Mood.ABSENT || member.cgroup.id() != cgroup.id()) {
                time.schedule(() -> sink.success(ReclaimResult.none(Outcome.GONE, "", Double.NaN, now())));
                return;
            }
            Request request = new Request(member, cgroup, now(), nrPages, sink);
            inFlight.add(request);
            witness.asked(member, nrPages);
            member.askedAt = now();
            begin(request);
        });
    }

    private void begin(Request request) {
        double atBest = request.pages * (double) PAGE / (1L << 30);
        switch (request.member.mood) {
            case GOOD, UNREADABLE, SECRETIVE ->
                after(atBest, () -> end(request, Outcome.SUCCESS, request.cancelled ? 0 : request.pages));
            case REFUSING -> after(1e-4, () -> end(request, Outcome.REFUSED, 0));
            case NOTHING -> after(0.02, () -> end(request, Outcome.AGAIN, 0));
            case PART -> after(atBest, () -> end(request, Outcome.AGAIN, request.pages / 3));
            case LYING -> after(1e-3, () -> end(request, Outcome.SUCCESS, 0));
            case SLOW -> after(5 * random.nextDouble(), () -> end(request, Outcome.SUCCESS, request.pages));
            case STUCK -> stuck.add(request);
            case BROKEN -> {
                inFlight.remove(request);
                request.ended = true;
                time.schedule(() -> request.sink.error(new IllegalStateException("the controller is broken")));
            }
            case ABSENT -> throw new AssertionError("nobody can ask a cgroup that is not there");
        }
    }

    private void end(Request request, Outcome outcome, long pages) {
        if (request.ended) {
            return;
        }
        request.ended = true;
        inFlight.remove(request);
        stuck.remove(request);
        Member member = request.member;
        boolean same = member.cgroup.equals(request.cgroup) && outcome != Outcome.GONE;
        member.charge(now());
        long moved = same ? Math.min(pages, (long) (member.usage / PAGE)) : 0;
        member.usage -= moved * (double) PAGE;
        double usage = same && member.mood != Mood.SECRETIVE ? member.usage : Double.NaN;
        long told = Double.isNaN(usage) ? 0 : moved;
        request.sink.success(new ReclaimResult(
                told, outcome, "as the dice say", usage, request.since, now(), now() - request.since, 0));
    }

    @Override
    public void cancel(Cgroup cgroup) {
        for (Request request : List.copyOf(inFlight)) {
            if (request.cgroup.equals(cgroup) && !stuck.contains(request)) {
                request.cancelled = true;
                after(1e-4, () -> end(request, Outcome.INTERRUPTED, 0));
            }
        }
    }

    @Override
    public Mono<WritebackResult> startWriteback(Cgroup cgroup, long grownBytes) {
        return Mono.fromCallable(() -> new WritebackResult(0, 0, now(), now()));
    }

    @Override
    public Mono<LimitAnswer> limits(Cgroup cgroup) {
        return Mono.just(new LimitAnswer.Refused("this kernel has none"));
    }

    @Override
    public Mono<LimitAnswer> setLimit(Cgroup cgroup, LimitFile file, long expectedBytes, long bytes) {
        return limits(cgroup);
    }

    @Override
    public int pageSize() {
        return PAGE;
    }

    @Override
    public void close() {}
}
