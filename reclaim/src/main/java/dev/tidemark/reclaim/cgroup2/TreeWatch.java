package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.reclaim.CgroupChange;
import dev.tidemark.reclaim.CgroupFilter;
import dev.tidemark.triggers.Cgroup;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Watches the cgroup tree as far as a filter reaches, through inotify.
 *
 * <p>A directory is registered before it is listed, so what is made in between is seen twice rather than never. What an
 * event says is not believed but looked up: the name is compared with what is there by now, by id, so events that come
 * late, twice or merged (a cgroup removed and made anew) do no harm, and an overflow is a listing of that directory.
 *
 * <p>Where inotify has no room (its limits are per user), directories are listed each second instead. All others are
 * listed again every half minute: inotify does not lose events, and should something ever be lost, it is not for good.
 * Not more often, because listing ten thousand cgroups takes a tenth of a second.
 *
 * <p><b>Thread:</b> everything runs on one daemon thread of its own; {@link #stop} may be called from any and does not
 * block. <b>Back-pressure:</b> none; the consumer takes each change at once. <b>Time:</b> the clock given only spaces
 * listings. <b>Failure:</b> a directory that cannot be read is skipped and counted, and tried again with the next listing.
 */
final class TreeWatch {
    static final Duration UNWATCHED_EVERY = Duration.ofSeconds(1);
    static final Duration ALL_EVERY = Duration.ofSeconds(30);

    /** What this and other watches could not do, and had to do. */
    static final class Tally {
        final LongAdder unreadableIds = new LongAdder();
        final LongAdder unreadableDirectories = new LongAdder();
        final LongAdder unwatchedDirectories = new LongAdder();
        final LongAdder overflows = new LongAdder();
    }

    /** Opens a {@link WatchService}; apart so that tests can have one that fails. */
    interface Watches {
        WatchService open() throws IOException;
    }

    /** A cgroup, wanted or on the way to a wanted one. */
    private static final class Node {
        final Cgroup cgroup;
        final boolean wanted;
        final boolean reaches;
        final Map<String, Node> children;

        @Nullable
        WatchKey key;

        Node(Cgroup cgroup, boolean wanted, boolean reaches) {
            this.cgroup = cgroup;
            this.wanted = wanted;
            this.reaches = reaches;
            this.children = reaches ? new HashMap<>() : Map.of();
        }
    }

    private final CgroupFs fs;
    private final Path root;
    private final CgroupFilter filter;
    private final Watches watches;
    private final LongSupplier nanos;
    private final Tally tally;
    private final Consumer<CgroupChange> changes;
    private final Consumer<@Nullable Throwable> ended;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean stopped;

    // Confined to the thread.
    private final Map<WatchKey, Node> byKey = new HashMap<>();
    private final Set<Node> unwatched = new HashSet<>();
    private @Nullable WatchService service;
    private @Nullable Node top;

    /**
     * @param changes takes what happens, on the watch's thread
     * @param ended told once, on that thread, that nothing follows: with null when it was stopped or the root itself is
     *     gone, else with what broke it (the filter or a consumer)
     */
    TreeWatch(
            CgroupFs fs,
            Path root,
            CgroupFilter filter,
            Watches watches,
            LongSupplier nanos,
            Tally tally,
            String threadName,
            Consumer<CgroupChange> changes,
            Consumer<@Nullable Throwable> ended) {
        this.fs = fs;
        this.root = root;
        this.filter = filter;
        this.watches = watches;
        this.nanos = nanos;
        this.tally = tally;
        this.changes = changes;
        this.ended = ended;
        this.thread = Thread.ofPlatform().daemon().name(threadName).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** The interrupt reaches only our own waiting: nothing this thread does can be broken by it. */
    void stop() {
        stopped = true;
        stopping.countDown();
        thread.interrupt();
    }

    /** Waits until the thread has ended, but not for long and not for itself. */
    void awaitEnd(Duration atMost) throws InterruptedException {
        if (!Thread.currentThread().equals(thread)) {
            thread.join(atMost.toMillis());
        }
    }

    private void run() {
        @Nullable Throwable broken = null;
        try {
            service = open();
            watch();
        } catch (InterruptedException | ClosedWatchServiceException _) {
            // Stopped.
        } catch (RuntimeException e) {
            broken = e;
        } finally {
            close();
            ended.accept(broken);
        }
    }

    private void close() {
        @Nullable WatchService opened = service;
        if (opened != null) {
            try {
                opened.close();
            } catch (IOException _) {
                // It lets go of its descriptor all the same, and there is nothing left to watch.
                tally.unwatchedDirectories.increment();
            }
        }
    }

    private @Nullable WatchService open() {
        try {
            return watches.open();
        } catch (IOException _) {
            // No inotify instance left: every directory counts as unwatched, below.
            return null;
        }
    }

    private void watch() throws InterruptedException {
        Node first = node("", root);
        if (first == null) {
            return;
        }
        top = first;
        appear(first);
        changes.accept(new CgroupChange.Listed());
        long allListed = nanos.getAsLong();
        while (!stopped && top != null) {
            long untilAll = ALL_EVERY.toNanos() - (nanos.getAsLong() - allListed);
            long wait = unwatched.isEmpty() ? untilAll : Math.min(untilAll, UNWATCHED_EVERY.toNanos());
            @Nullable WatchKey key = next(Math.max(0, wait));
            if (key == null) {
                relist(unwatched);
            } else {
                handle(key);
            }
            if (nanos.getAsLong() - allListed >= ALL_EVERY.toNanos()) {
                relistAll();
                allListed = nanos.getAsLong();
            }
        }
    }

    private @Nullable WatchKey next(long waitNanos) throws InterruptedException {
        @Nullable WatchService opened = service;
        if (opened != null) {
            return opened.poll(waitNanos, TimeUnit.NANOSECONDS);
        }
        // Nothing can come but the stop.
        if (stopping.await(waitNanos, TimeUnit.NANOSECONDS)) {
            throw new InterruptedException();
        }
        return null;
    }

    private void handle(WatchKey key) {
        List<WatchEvent<?>> events = key.pollEvents();
        boolean valid = key.reset();
        @Nullable Node node = byKey.get(key);
        if (node == null) {
            return;
        }
        if (!valid) {
            // The directory itself was removed. Usually its parent has told already.
            byKey.remove(key);
            node.key = null;
            recheck(node);
            return;
        }
        // Merged: many events on one name need one look.
        Set<String> names = new HashSet<>();
        for (WatchEvent<?> event : events) {
            if (event.kind().equals(StandardWatchEventKinds.OVERFLOW)) {
                tally.overflows.increment();
                relist(node);
                return;
            }
            if (event.context() instanceof Path name) {
                names.add(name.toString());
            }
        }
        for (String name : names) {
            look(node, name);
        }
    }

    /** A node whose own directory may be gone or another. */
    private void recheck(Node node) {
        String path = node.cgroup.path();
        if (path.isEmpty()) {
            relistAll();
            return;
        }
        int slash = path.lastIndexOf('/');
        @Nullable Node parent = find(LimitCache.parent(path));
        if (parent != null) {
            look(parent, path.substring(slash + 1));
        }
        if (node.equals(find(path)) && node.key == null && node.reaches) {
            unwatched.add(node);
        }
    }

    private @Nullable Node find(String path) {
        @Nullable Node node = top;
        if (path.isEmpty()) {
            return node;
        }
        for (String name : path.split("/", -1)) {
            if (node == null) {
                return null;
            }
            node = node.children.get(name);
        }
        return node;
    }

    private void relist(Set<Node> nodes) {
        for (Node node : List.copyOf(nodes)) {
            relist(node);
        }
    }

    private void relistAll() {
        @Nullable Node present = top;
        if (present == null) {
            return;
        }
        @Nullable Node now = node("", root);
        if (now == null || now.cgroup.id() != present.cgroup.id()) {
            // What stands at the root now, if anything, is not the tree that was asked for.
            top = null;
            vanish(present);
            return;
        }
        Deque<Node> toList = new ArrayDeque<>(List.of(present));
        while (!toList.isEmpty()) {
            Node node = toList.removeLast();
            relist(node);
            toList.addAll(node.children.values());
        }
    }

    /** Brings the node's children up to what is there. */
    private void relist(Node node) {
        if (!node.reaches || gone(node)) {
            return;
        }
        Set<String> names = new HashSet<>(node.children.keySet());
        names.addAll(names(node));
        for (String name : names) {
            look(node, name);
        }
    }

    private boolean gone(Node node) {
        return !node.equals(find(node.cgroup.path()));
    }

    /** Compares what we know under this name with what is there. */
    private void look(Node parent, String name) {
        String path = parent.cgroup.path().isEmpty() ? name : parent.cgroup.path() + "/" + name;
        @Nullable Node known = parent.children.get(name);
        if (known != null && isThere(known)) {
            return;
        }
        // What the filter says of a path it said before: of those known only the id may be another now.
        @Nullable
        Node there = known == null
                ? node(path, root.resolve(path))
                : node(path, root.resolve(path), known.wanted, known.reaches);
        if (known != null && there != null && known.cgroup.id() == there.cgroup.id()) {
            return;
        }
        if (known != null) {
            parent.children.remove(name);
            vanish(known);
        }
        if (there != null) {
            parent.children.put(name, there);
            appear(there);
        }
    }

    /** Whether a node is there still, asked as cheaply as may be: of ten thousand each half minute. */
    private boolean isThere(Node known) {
        try {
            return fs.isSame(new Directory(root.resolve(known.cgroup.path())), known.cgroup.id());
        } catch (IOException _) {
            // The full look says why.
            return false;
        }
    }

    /** What is at this path, if it is a cgroup that is wanted or leads to one. */
    private @Nullable Node node(String path, Path directory) {
        boolean wanted = filter.selects(path);
        boolean reaches = filter.reaches(path);
        return wanted || reaches ? node(path, directory, wanted, reaches) : null;
    }

    private @Nullable Node node(String path, Path directory, boolean wanted, boolean reaches) {
        try {
            CgroupFs.Facts facts = fs.facts(directory);
            return facts.directory() ? new Node(new Cgroup(facts.id(), path), wanted, reaches) : null;
        } catch (IOException e) {
            switch (Errno.of(e)) {
                case NOENT, NODEV, NOTDIR -> {}
                default -> tally.unreadableIds.increment();
            }
            return null;
        }
    }

    /** Tells of the node and of all that is below it. A stack, not recursion: a tree may be deeper than ours. */
    private void appear(Node first) {
        Deque<Node> fresh = new ArrayDeque<>(List.of(first));
        while (!fresh.isEmpty() && !stopped) {
            Node node = fresh.removeLast();
            if (node.wanted) {
                changes.accept(new CgroupChange.Appeared(node.cgroup));
            }
            if (!node.reaches) {
                continue;
            }
            register(node);
            for (String name : names(node)) {
                String path = node.cgroup.path().isEmpty() ? name : node.cgroup.path() + "/" + name;
                @Nullable Node child = node(path, root.resolve(path));
                if (child != null) {
                    node.children.put(name, child);
                    fresh.add(child);
                }
            }
        }
    }

    /** Children before their parents. */
    private void vanish(Node first) {
        List<Node> all = new ArrayList<>(List.of(first));
        for (int i = 0; i < all.size(); i++) {
            all.addAll(all.get(i).children.values());
        }
        for (Node node : all.reversed()) {
            unwatched.remove(node);
            @Nullable WatchKey key = node.key;
            if (key != null) {
                byKey.remove(key);
                key.cancel();
            }
            if (node.wanted) {
                changes.accept(new CgroupChange.Gone(node.cgroup));
            }
        }
    }

    private void register(Node node) {
        @Nullable WatchService present = service;
        if (present != null) {
            try {
                WatchKey key = root.resolve(node.cgroup.path())
                        .register(present, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE);
                node.key = key;
                // The kernel keys watches by inode and so does the JDK: a key we have is the same directory, seen anew.
                byKey.put(key, node);
                return;
            } catch (IOException e) {
                switch (Errno.of(e)) {
                    case NOENT, NOTDIR -> {
                        // Gone already, which its parent is about to tell.
                        return;
                    }
                    default -> tally.unwatchedDirectories.increment();
                }
            }
        } else {
            tally.unwatchedDirectories.increment();
        }
        unwatched.add(node);
    }

    /** Names in the node's directory, none when it is known to have no subdirectory. */
    private List<String> names(Node node) {
        Path directory = root.resolve(node.cgroup.path());
        try {
            // A cgroup directory has two links and one more a child. So a leaf with its sixty files need not be listed.
            return fs.facts(directory).links() == 2 ? List.of() : fs.names(directory);
        } catch (IOException e) {
            switch (Errno.of(e)) {
                case NOENT, NODEV, NOTDIR -> {}
                default -> tally.unreadableDirectories.increment();
            }
            return List.of();
        }
    }
}
