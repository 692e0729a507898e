package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.config.HostMemory;
import dev.tidemark.config.Policy;
import dev.tidemark.reclaim.CgroupChange;
import dev.tidemark.reclaim.CgroupFilter;
import dev.tidemark.reclaim.LimitAnswer;
import dev.tidemark.reclaim.LimitFile;
import dev.tidemark.reclaim.MemoryController;
import dev.tidemark.reclaim.ReclaimResult;
import dev.tidemark.reclaim.WritebackResult;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.Push;
import dev.tidemark.triggers.PushRequest;
import dev.tidemark.triggers.SignalSet;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.Mono;

/**
 * The memory controller of this host, through the cgroup2 file system.
 *
 * <p>A cgroup is its id: nothing is read from or asked of another cgroup that has come to its path. Of the cgroup
 * that this process runs in, and those above it, nothing is taken, and their memory.high is not lowered: that is refused. What the kernel does
 * not have (memory.current of the root, files of a cgroup without the controller) is NaN. {@link Cgroup#HOST} has the host's signals and
 * no others; a cgroup has none of them.
 *
 * <p><b>Thread:</b> {@link #read} blocks on its caller's thread; requests block on the scheduler of the options; {@link
 * #watch} has a daemon thread for each subscription, {@link #pushes} one for all, and so have writes, for signs of a removal; a write that is cancelled is broken off by a short-lived daemon thread,
 * because closing a channel waits until the kernel lets its writer go. <b>Back-pressure:</b> as {@link MemoryController}
 * says; a request that the scheduler rejects is an error signal. <b>Time:</b> the clock of the options, nanoseconds.
 * <b>Failure:</b> {@link #counts} has what was skipped.
 */
public final class Cgroup2Controller implements MemoryController {
    /** A thread that does not end within this is inside the kernel; it is a daemon and ends by itself. */
    private static final Duration CLOSE_AT_MOST = Duration.ofSeconds(1);

    private final Cgroup2Options options;
    private final CgroupFs fs;
    private final TreeWatch.Watches watches;
    private final HostFacts host;
    private final Path root;
    private final Cgroup top;
    private final int pageBytes;
    private final DescriptorBudget budget;
    private final DescriptorShortage shortage;
    private final HeldMount mount;
    private final LimitCache limits;
    private final HostFiles hostFiles;
    private final OwnShares ownShares;
    private final SwappinessKey swappinessKey;
    private final ReclaimWriter writer;
    private final LimitWriter limitWriter;
    private final Pushes pushes;
    private final EarlyWriteback writeback;
    private final CgroupTable table;
    private final Map<SignalSet, ReadPlan> plans = new ConcurrentHashMap<>();
    private final Set<TreeWatch> running = ConcurrentHashMap.newKeySet();
    private final WritesInFlight writes;
    private final Set<String> told = ConcurrentHashMap.newKeySet();
    private final AtomicInteger watchNumber = new AtomicInteger();
    private final TreeWatch.Tally tally = new TreeWatch.Tally();

    private volatile OwnCgroup own = OwnCgroup.UNKNOWN;
    private volatile boolean closed;

    /**
     * Finds the host's cgroup2 hierarchy and checks that it has what the policies need. Blocks.
     *
     * @throws HostLacksException when it does not, with all that is missing
     * @throws IOException when the host cannot be looked at
     */
    public static Cgroup2Controller open(Cgroup2Options options, HostNeeds needs) throws IOException {
        return open(
                options, needs, new CgroupFs(), () -> FileSystems.getDefault().newWatchService(), Epoll::new);
    }

    static Cgroup2Controller open(Cgroup2Options options, HostNeeds needs, CgroupFs fs, TreeWatch.Watches watches)
            throws IOException {
        return open(options, needs, fs, watches, Epoll::new);
    }

    static Cgroup2Controller open(
            Cgroup2Options options, HostNeeds needs, CgroupFs fs, TreeWatch.Watches watches, PushKernel.Opener kernels)
            throws IOException {
        HostFacts host = new HostFacts(options.proc());
        Path root = new HostCheck(fs, host).root(options.root());
        Cgroup2Controller controller = new Cgroup2Controller(options, fs, watches, kernels, host, root);
        boolean opened = false;
        try {
            controller.check(needs);
            controller.writes.start(reclaimCgroup(options, fs, host, root));
            opened = true;
            return controller;
        } finally {
            if (!opened) {
                controller.close();
            }
        }
    }

    private static @Nullable ReclaimCgroup reclaimCgroup(Cgroup2Options options, CgroupFs fs, HostFacts host, Path root)
            throws IOException {
        @Nullable String path = options.reclaimCgroup();
        if (path == null || options.dryRun()) {
            return null;
        }
        try {
            return ReclaimCgroup.open(fs, host, root, path, options.notices());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while looking at the cgroup " + path);
        }
    }

    private Cgroup2Controller(
            Cgroup2Options options,
            CgroupFs fs,
            TreeWatch.Watches watches,
            PushKernel.Opener kernels,
            HostFacts host,
            Path root)
            throws IOException {
        this.options = options;
        this.fs = fs;
        this.watches = watches;
        this.host = host;
        this.root = root;
        this.top = new Cgroup(fs.facts(root).id(), "");
        this.pageBytes = host.pageBytes();
        this.budget = options.descriptors() >= 0
                ? new DescriptorBudget(options.descriptors())
                : DescriptorBudget.of(host.descriptorLimit());
        this.shortage = new DescriptorShortage(budget, host.descriptorLimit(), options.notices());
        this.hostFiles = new HostFiles(fs, options.proc());
        this.mount = new HeldMount(fs, HeldMount.pointOf(root, Mount.parse(host.mountInfo())));
        this.limits = new LimitCache(fs, root, mount, host, hostFiles, options.nanos());
        this.ownShares = new OwnShares(this::files, options.nanos(), pageBytes);
        this.swappinessKey = new SwappinessKey(fs, host, options.dryRun());
        this.table = new CgroupTable(fs, budget, limits, options.nanos().getAsLong());
        this.writeback = new EarlyWriteback(
                fs,
                host,
                pageBytes,
                root,
                options.nanos(),
                options.dryRun(),
                new SyncFileRange(),
                options.reclaim(),
                this::files);
        this.writer = new ReclaimWriter(
                fs,
                host,
                root,
                pageBytes,
                options.dryRun(),
                options.nanos(),
                limits,
                swappinessKey,
                this::files,
                ownShares);
        this.limitWriter = new LimitWriter(fs, pageBytes, options.dryRun(), this::files, limits, ownShares);
        this.writes = new WritesInFlight(options.reclaim(), options.dryRun(), this::files);
        this.pushes = new Pushes(
                () -> {
                    leaveRoomForPushes();
                    return kernels.open();
                },
                new PushOpener(fs, root, host, options.notices()),
                options.pushes() >= 0 ? options.pushes() : DescriptorBudget.forPushes(host.descriptorLimit()),
                options.nanos());
    }

    /** What sizes in a policy file are resolved with, on this host. Blocks. */
    public static HostMemory hostMemory() throws IOException {
        HostFacts host = new HostFacts(Path.of("/proc"));
        return new HostMemory((long) host.totalBytes(), host.pageBytes());
    }

    /** Which boot of which kernel this is: ids of cgroups are of use that long. Blocks. */
    public static String bootId() throws IOException {
        return new HostFacts(Path.of("/proc")).bootId();
    }

    /**
     * Checks for other policies than those it was opened for. Blocks.
     *
     * @throws HostLacksException with all that is missing
     */
    public void check(HostNeeds needs) throws IOException {
        HostCheck.Finding found = new HostCheck(fs, host).look(root, needs, swappinessKey);
        if (!found.lacks().isEmpty()) {
            throw new HostLacksException(found.lacks());
        }
        found.notes().stream().filter(told::add).forEach(options.notices());
        own = OwnCgroup.find(fs, host, root);
    }

    /**
     * The paths of the cgroup that this process runs in and of those above it but for the root; none when it is not below the root or
     * that cannot be told. Blocks.
     *
     * @throws HostLacksException when there is no cgroup2
     */
    public static List<String> ownCgroups(Cgroup2Options options) throws IOException {
        CgroupFs fs = new CgroupFs();
        HostFacts host = new HostFacts(options.proc());
        return OwnCgroup.find(fs, host, new HostCheck(fs, host).root(options.root()))
                .paths();
    }

    /**
     * Why nothing may be taken from this cgroup, in words that follow its name: the agent runs in it, or did when {@link #check} was
     * called last. Null when it may.
     */
    public @Nullable String whyNotActedOn(Cgroup cgroup) {
        return own.whyNot(cgroup);
    }

    /**
     * The signals that this host lacks of those that policies read. For what a policy watches, a cgroup that it selects is looked at,
     * or another where there is none yet. Blocks.
     *
     * @param reads what each policy reads; of derived signals the parts count
     * @throws HostLacksException when there is no cgroup2
     * @throws IOException when the host cannot be looked at
     */
    public static List<LackingSignal> lackingSignals(Cgroup2Options options, Map<Policy, SignalSet> reads)
            throws IOException {
        CgroupFs fs = new CgroupFs();
        HostFacts host = new HostFacts(options.proc());
        return new SignalCheck(fs, host, new HostCheck(fs, host).root(options.root())).lacking(reads);
    }

    /** The cgroup at the top of the hierarchy. */
    public Cgroup top() {
        return top;
    }

    /**
     * Starts the writeback of what this process itself has open for writing: the way of every start of writeback, gone for
     * nearly nothing, so that the first real one does not wait for code to be loaded. Lazy, on the reclaim scheduler.
     */
    public Mono<WritebackResult> rehearseWriteback() {
        return writeback.rehearse();
    }

    /** Where the hierarchy is. */
    public Path root() {
        return root;
    }

    /** What could not be done, and what is held, until now. */
    public Cgroup2Counts counts() {
        return new Cgroup2Counts(
                tally.unreadableIds.sum(),
                tally.unreadableDirectories.sum(),
                tally.unwatchedDirectories.sum(),
                tally.overflows.sum(),
                writes.cancelled(),
                writes.failedCloses(),
                budget.kept(),
                writes.size(),
                pushes.tally().pushes.sum(),
                pushes.tally().falsePushes.sum(),
                pushes.tally().refused.sum(),
                pushes.tally().descriptors.get());
    }

    @Override
    public int pageSize() {
        return pageBytes;
    }

    @Override
    public void read(Cgroup cgroup, SignalSet signals, double[] values) throws IOException {
        Arrays.fill(values, 0, signals.size(), Double.NaN);
        if (closed) {
            throw new IOException("the controller is closed");
        }
        @Nullable ReadPlan known = plans.get(signals);
        ReadPlan plan = known != null ? known : plans.computeIfAbsent(signals, set -> new ReadPlan(set, pageBytes));
        if (cgroup.equals(Cgroup.HOST)) {
            readHost(plan, values, Scratch.mine());
            return;
        }
        try {
            read(cgroup, plan, values, Scratch.mine());
        } catch (CgroupGoneException e) {
            forget(cgroup);
            throw e;
        }
    }

    private void readHost(ReadPlan plan, double[] values, Scratch scratch) throws IOException {
        for (Map.Entry<String, FilePlan> file : plan.host.entrySet()) {
            int length = hostFiles.read(file.getKey(), scratch);
            if (length != CgroupFiles.NO_FILE) {
                FilePlan keys = file.getValue();
                keys.put(keys.find(scratch, length), values);
            }
        }
    }

    private void read(Cgroup cgroup, ReadPlan plan, double[] values, Scratch scratch) throws IOException {
        long now = options.nanos().getAsLong();
        CgroupFiles open = table.entered(cgroup, now, scratch);
        try {
            readLimits(open, plan, values, now, scratch);
            open.open(plan.files, scratch);
            shortage.look(table.all(), now);
            for (int i = 0; i < plan.files.length; i++) {
                readFile(open, plan, i, values, scratch);
            }
            open.prove(scratch);
        } finally {
            open.leave(scratch);
        }
    }

    private void readFile(CgroupFiles open, ReadPlan plan, int i, double[] values, Scratch scratch) throws IOException {
        KernelFile file = plan.files[i];
        FilePlan keys = plan.plans[i];
        int length = open.read(file, scratch);
        if (length == CgroupFiles.NO_FILE) {
            return;
        }
        double[] found =
                keys.hasPlaces() ? keys.find(scratch, length, open.places(file, keys)) : keys.find(scratch, length);
        keys.put(found, values);
        if (file == KernelFile.STAT && plan.reclaim != null) {
            @Nullable OwnShare share = open.share(ownShares);
            plan.reclaim.put(found, share, share == null ? 0 : options.nanos().getAsLong(), values);
        }
    }

    private void readLimits(CgroupFiles open, ReadPlan plan, double[] values, long now, Scratch scratch)
            throws IOException {
        for (int i = 0; i < plan.limits.length; i++) {
            values[plan.limitSlots[i]] = limits.own(plan.limits[i], open, now, scratch);
        }
        if (plan.limitSlot >= 0) {
            values[plan.limitSlot] = limits.lowest(open, now, scratch);
        }
        if (plan.protectionSlot >= 0) {
            values[plan.protectionSlot] = limits.protection(open, now, scratch);
        }
        if (plan.swapHeadroomSlot >= 0) {
            values[plan.swapHeadroomSlot] = limits.swapHeadroom(open, now, scratch);
        }
    }

    private CgroupFiles files(Cgroup cgroup) {
        return table.files(cgroup, options.nanos().getAsLong());
    }

    private void forget(Cgroup cgroup) {
        pushes.gone(cgroup);
        limits.forget(cgroup);
        ownShares.forget(cgroup);
        table.forget(cgroup);
    }

    @Override
    public Flux<CgroupChange> watch(CgroupFilter filter) {
        return Flux.create(sink -> watch(filter, sink), FluxSink.OverflowStrategy.BUFFER);
    }

    private void watch(CgroupFilter filter, FluxSink<CgroupChange> sink) {
        Watched watched = new Watched(sink);
        TreeWatch watch = new TreeWatch(
                fs,
                root,
                filter,
                watches,
                options.nanos(),
                tally,
                "tidemark-cgroup-watch-" + watchNumber.incrementAndGet(),
                watched::accept,
                watched::ended);
        watched.watch = watch;
        running.add(watch);
        sink.onDispose(watch::stop);
        watch.start();
        if (closed) {
            watch.stop();
        }
    }

    @Override
    public Flux<Push> pushes(Cgroup cgroup, Set<PushRequest> requests) {
        return pushes.pushes(cgroup, requests);
    }

    /** Blocks, as the thread that waits for pushes may. */
    private void leaveRoomForPushes() {
        if (budget.leaveRoomForPushes()) {
            // Which of them are let go of does not matter: whoever reads next opens what it may keep.
            table.clear();
        }
    }

    /** From a watch's thread to its subscriber. */
    private final class Watched {
        private final FluxSink<CgroupChange> sink;
        // Set before the thread starts.
        private @Nullable TreeWatch watch;

        Watched(FluxSink<CgroupChange> sink) {
            this.sink = sink;
        }

        void accept(CgroupChange change) {
            if (change instanceof CgroupChange.Gone(Cgroup cgroup)) {
                cancel(cgroup);
                forget(cgroup);
            }
            sink.next(change);
        }

        void ended(@Nullable Throwable broken) {
            TreeWatch ended = watch;
            if (ended != null) {
                running.remove(ended);
            }
            if (broken == null) {
                sink.complete();
            } else {
                sink.error(broken);
            }
        }
    }

    @Override
    public Mono<ReclaimResult> tryToFreeMemCgroupPages(
            Cgroup cgroup, long nrPages, int gfp, int reclaimOptions, int swappiness) {
        // The allocation context is the kernel's own choice when user space asks: always GFP_KERNEL.
        return writes.run(cgroup, flight -> reclaim(flight, nrPages, reclaimOptions, swappiness));
    }

    private ReclaimResult reclaim(InFlight flight, long nrPages, int reclaimOptions, int swappiness) {
        @Nullable String why = whyNotActedOn(flight.cgroup());
        // Nothing may be asked for anywhere.
        if (why != null && nrPages != 0) {
            return ReclaimResult.none(
                    ReclaimResult.Outcome.REFUSED,
                    why,
                    Double.NaN,
                    options.nanos().getAsLong());
        }
        ReclaimResult result = writer.reclaim(flight, nrPages, reclaimOptions, swappiness);
        if (result.outcome() == ReclaimResult.Outcome.GONE) {
            forget(flight.cgroup());
        }
        return result;
    }

    @Override
    public Mono<LimitAnswer> limits(Cgroup cgroup) {
        return Mono.fromCallable(() -> limitWriter.look(cgroup)).subscribeOn(options.reclaim());
    }

    @Override
    public Mono<LimitAnswer> setLimit(Cgroup cgroup, LimitFile file, long expectedBytes, long bytes) {
        return writes.run(cgroup, flight -> setLimit(flight, file, expectedBytes, bytes));
    }

    /** To put back what was lowered in an earlier life, elsewhere perhaps, is always possible. */
    private LimitAnswer setLimit(InFlight flight, LimitFile file, long expectedBytes, long bytes) {
        @Nullable String why = file == LimitFile.HIGH && bytes < expectedBytes ? whyNotActedOn(flight.cgroup()) : null;
        return why == null
                ? limitWriter.set(flight, file, expectedBytes, bytes)
                : new LimitAnswer.Refused(
                        root.resolve(flight.cgroup().path()).resolve(file.fileName()) + " is not lowered: " + why);
    }

    /**
     * Has so many threads of the reclaim scheduler started and moved to their cgroup, so that no write has to wait for that later. Lazy;
     * completes at once where they stay where they are.
     *
     * @param threads no more than the scheduler has
     */
    public Mono<Void> settleWriters(int threads) {
        return writes.settle(threads);
    }

    @Override
    public Mono<WritebackResult> startWriteback(Cgroup cgroup, long grownBytes) {
        return writeback.startWriteback(cgroup, grownBytes);
    }

    @Override
    public void cancel(Cgroup cgroup) {
        writes.cancel(cgroup);
    }

    /** {@inheritDoc} Blocks for at most a second for each watch or write that the kernel does not let go. */
    @Override
    public void close() {
        closed = true;
        running.forEach(TreeWatch::stop);
        writes.stop();
        try {
            for (TreeWatch watch : running) {
                watch.awaitEnd(CLOSE_AT_MOST);
            }
            writes.awaitEnd(CLOSE_AT_MOST);
            pushes.close(CLOSE_AT_MOST);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        // A read still under way closes what it opens, and what it reads through.
        budget.close();
        table.clear();
        hostFiles.close();
        mount.close();
    }
}
