package dev.tidemark.agent;

import dev.tidemark.agent.TextFile.UnreadableException;
import dev.tidemark.config.PolicyFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Puts a new policy file in place of the one that runs: read and checked first, and refused whole when anything is wrong
 * with it; then the old one runs on.
 *
 * <p><b>Thread:</b> {@link #request} and {@link #changed} from any, neither blocks; files are read and checked one after
 * the other on a worker of its scheduler. <b>Back-pressure:</b> requests while one is being served are one. <b>Time:</b> the
 * scheduler's; a change is looked at once the file has been left alone for {@link #QUIET}, at the latest {@link #LONGEST}
 * after the first of a series: an editor writes in several steps, and what it has half written need not be told as wrong.
 * <b>Failure:</b> told in a line for the log, with every problem; nothing is changed.
 */
final class Reloader implements AutoCloseable {

    static final Duration QUIET = Duration.ofMillis(200);
    static final Duration LONGEST = Duration.ofSeconds(2);

    private final Path file;
    private final Source source;
    private final PolicyCheck check;
    private final Function<PolicyFile, Mono<PolicyChanges>> running;
    private final Scheduler.Worker worker;
    private final Scheduler clock;
    private final Consumer<String> log;
    private final AtomicBoolean requested = new AtomicBoolean();
    private final AtomicBoolean noticed = new AtomicBoolean();

    // Confined to the worker.
    private @Nullable String seen;
    private long firstChange;
    private @Nullable Disposable look;

    /** Where the text comes from. */
    @FunctionalInterface
    interface Source {
        /** May block. */
        String read(Path file) throws UnreadableException;
    }

    /**
     * @param text what runs now
     * @param check says whether a text may run
     * @param running puts a file in place, and tells what that changed
     * @param log takes lines, some of them with line breaks inside; must not block
     */
    Reloader(
            Path file,
            String text,
            Source source,
            PolicyCheck check,
            Function<PolicyFile, Mono<PolicyChanges>> running,
            Scheduler scheduler,
            Consumer<String> log) {
        this.file = file;
        this.seen = text;
        this.source = source;
        this.check = check;
        this.running = running;
        this.clock = scheduler;
        this.worker = scheduler.createWorker();
        this.log = log;
    }

    /** The operator wants it: at once, and told even when the file has not changed. */
    void request() {
        if (!requested.getAndSet(true)) {
            onWorker(() -> {
                requested.set(false);
                load(true);
            });
        }
    }

    /** Something has happened to the file, or near it. */
    void changed() {
        if (!noticed.getAndSet(true)) {
            onWorker(() -> {
                noticed.set(false);
                defer();
            });
        }
    }

    /** Looks at no file any more. Idempotent. */
    @Override
    public void close() {
        worker.dispose();
    }

    private void onWorker(Runnable task) {
        try {
            worker.schedule(task);
        } catch (RejectedExecutionException _) {
            // Closed: the agent is ending.
            requested.set(false);
        }
    }

    private void defer() {
        long now = clock.now(TimeUnit.NANOSECONDS);
        if (look == null) {
            firstChange = now;
        } else {
            look.dispose();
        }
        long wait = Math.clamp(firstChange + LONGEST.toNanos() - now, 0, QUIET.toNanos());
        look = worker.schedule(() -> load(false), wait, TimeUnit.NANOSECONDS);
    }

    private void load(boolean asked) {
        if (look != null) {
            // Whoever asked is given what the look would have found.
            look.dispose();
            look = null;
        }
        try {
            String text = source.read(file);
            if (asked || !text.equals(seen)) {
                seen = text;
                judge(text);
            }
        } catch (UnreadableException e) {
            if (asked || seen != null) {
                seen = null;
                refuse(e.absent() ? file + ": there is no such file any more" : file + ": " + e.reason());
            }
        } catch (RuntimeException e) {
            refuse("by a defect of tidemark's own: " + e);
        }
    }

    private void judge(String text) {
        PolicyCheck.Verdict verdict = check.check(text);
        PolicyFile accepted = verdict.file();
        if (accepted == null) {
            refuse(Input.counted(verdict.told().size()) + '\n' + String.join("\n", verdict.told()));
            return;
        }
        verdict.told().forEach(warning -> log.accept("warning: " + warning));
        running.apply(accepted).subscribe(this::accept, error -> refuse("by a defect of tidemark's own: " + error));
    }

    private void accept(PolicyChanges changes) {
        log.accept("reloaded " + changes.told());
        if (changes.needsRestart()) {
            log.accept("warning: workqueue.workers stays "
                    + changes.queueBefore().workers() + " until a restart: threads are given out at the start");
        }
    }

    private void refuse(String why) {
        log.accept("reload refused, the policies stay as they are: " + why);
    }
}
