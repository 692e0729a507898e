package dev.tidemark.agent;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells when a file may have changed: written in place, renamed over, removed and put back, or reached through a symbolic
 * link that now leads elsewhere (Kubernetes swaps {@code ..data} beside the file).
 *
 * <p>Every directory is watched in which a name stands that leads to the file: its own, and those of the links on the way. What
 * inotify does not tell (network file systems, a renamed parent, no inotify instance left) shows in the file's identity, size
 * and time of change, which are looked at now and then.
 *
 * <p><b>Thread:</b> a daemon thread of its own; {@link #close} from any. <b>Back-pressure:</b> the listener must not block;
 * it is told more often than the file changes. <b>Time:</b> real. <b>Failure:</b> what cannot be watched is looked at each
 * second.
 */
final class PolicyFileWatch implements AutoCloseable {

    private static final Duration UNWATCHED_EVERY = Duration.ofSeconds(1);
    private static final Duration WATCHED_EVERY = Duration.ofSeconds(10);
    private static final Duration CLOSE_AT_MOST = Duration.ofSeconds(1);

    /** As many as the kernel follows. */
    private static final int MOST_LINKS = 40;

    private final Path file;
    private final Runnable changed;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread;

    // Confined to the thread.
    private final Map<Path, WatchKey> keys = new HashMap<>();
    private Map<Path, Set<String>> names = Map.of();
    private @Nullable WatchService service;
    private Object stamp = "";

    /** @param changed told on the watch's thread; must neither block nor throw */
    PolicyFileWatch(Path file, Runnable changed) {
        this.file = file.toAbsolutePath();
        this.changed = changed;
        this.thread = Thread.ofPlatform().daemon().name("tidemark-policy-watch").unstarted(this::run);
    }

    /** Begins; what changes from now on is told. Blocks for some system calls. */
    void start() {
        try {
            service = FileSystems.getDefault().newWatchService();
        } catch (IOException _) {
            // No inotify instance left: the file is looked at each second instead.
            service = null;
        }
        register();
        stamp = stamp();
        thread.start();
    }

    @Override
    public void close() {
        stopping.countDown();
        // It waits only for us and for inotify, neither of which an interrupt breaks.
        thread.interrupt();
        try {
            thread.join(CLOSE_AT_MOST);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (WatchService opened = service) {
            while (stopping.getCount() > 0) {
                boolean told = await(opened);
                register();
                Object now = stamp();
                if (told || !now.equals(stamp)) {
                    stamp = now;
                    changed.run();
                }
            }
        } catch (InterruptedException | ClosedWatchServiceException _) {
            // Closed.
        } catch (IOException _) {
            // The service would not close; it goes with the process.
            keys.clear();
        }
    }

    /** Waits for something to happen; whether it was told of one of the names. */
    private boolean await(@Nullable WatchService opened) throws InterruptedException {
        boolean all = keys.size() == names.size() && !keys.isEmpty();
        long millis = (all ? WATCHED_EVERY : UNWATCHED_EVERY).toMillis();
        if (opened == null) {
            boolean _ = stopping.await(millis, TimeUnit.MILLISECONDS);
            return false;
        }
        boolean told = false;
        WatchKey key = opened.poll(millis, TimeUnit.MILLISECONDS);
        while (key != null) {
            told |= concerns(key);
            key = opened.poll();
        }
        return told;
    }

    private boolean concerns(WatchKey key) {
        Set<String> ofInterest =
                key.watchable() instanceof Path directory ? names.getOrDefault(directory, Set.of()) : Set.of();
        boolean concerns = false;
        for (WatchEvent<?> event : key.pollEvents()) {
            concerns |= event.kind().equals(StandardWatchEventKinds.OVERFLOW)
                    || (event.context() instanceof Path name && ofInterest.contains(name.toString()));
        }
        if (!key.reset()) {
            // The directory is gone, and with it the file.
            keys.values().remove(key);
            concerns = true;
        }
        return concerns;
    }

    /** Watches what has to be watched by now, and nothing else. */
    private void register() {
        WatchService opened = service;
        names = leading(file);
        if (opened == null) {
            return;
        }
        keys.entrySet().removeIf(entry -> {
            boolean over =
                    !names.containsKey(entry.getKey()) || !entry.getValue().isValid();
            if (over) {
                entry.getValue().cancel();
            }
            return over;
        });
        for (Path directory : names.keySet()) {
            try {
                // Again for one that is watched: the path may be another directory by now. The same one gives the same
                // key.
                WatchKey key = directory.register(
                        opened,
                        StandardWatchEventKinds.ENTRY_CREATE,
                        StandardWatchEventKinds.ENTRY_DELETE,
                        StandardWatchEventKinds.ENTRY_MODIFY);
                WatchKey before = keys.put(directory, key);
                if (before != null && !before.equals(key)) {
                    before.cancel();
                }
            } catch (IOException _) {
                // Not there, or no room: looked at each second, as the keys are fewer than the names.
                WatchKey before = keys.remove(directory);
                if (before != null) {
                    before.cancel();
                }
            }
        }
    }

    /** The directories in which a name stands that leads to the file, with these names. */
    static Map<Path, Set<String>> leading(Path absolute) {
        Map<Path, Set<String>> leading = new HashMap<>();
        Deque<Path> rest = new ArrayDeque<>();
        absolute.forEach(rest::addLast);
        Path at = absolute.getRoot();
        int links = 0;
        while (at != null && !rest.isEmpty()) {
            String name = rest.removeFirst().toString();
            if (name.equals("..") || name.equals(".")) {
                at = name.equals(".") || at.getParent() == null ? at : at.getParent();
                continue;
            }
            Path next = at.resolve(name);
            Path target = links < MOST_LINKS ? target(next) : null;
            if (target != null || rest.isEmpty()) {
                leading.computeIfAbsent(at, _ -> new HashSet<>()).add(name);
            }
            if (target == null) {
                at = next;
                continue;
            }
            links++;
            Deque<Path> further = new ArrayDeque<>();
            target.forEach(further::addLast);
            further.addAll(rest);
            rest = further;
            at = target.isAbsolute() ? target.getRoot() : at;
        }
        return leading;
    }

    private static @Nullable Path target(Path path) {
        try {
            return Files.isSymbolicLink(path) ? Files.readSymbolicLink(path) : null;
        } catch (IOException _) {
            // Gone in between: then it leads nowhere now.
            return null;
        }
    }

    /** Equal as long as the path leads to the same file and that is as it was. */
    private Object stamp() {
        try {
            Path real = file.toRealPath();
            BasicFileAttributes facts =
                    Files.readAttributes(real, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return real + "|" + facts.fileKey() + '|' + facts.size() + '|' + facts.lastModifiedTime();
        } catch (IOException _) {
            return "not there";
        }
    }
}
