package dev.tidemark.agent;

import dev.tidemark.reclaim.Learnt;
import dev.tidemark.reclaim.LimitJournal;
import dev.tidemark.reclaim.LimitRestorer;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The file in which an agent leaves its {@link State}, and the right to it.
 *
 * <p>One file, replaced as a whole ({@link AtomicFile}). What is in it is of use until the next boot only, as ids of cgroups are; it
 * is at home on a file system in memory, where keeping something waits for no disk.
 *
 * <p><b>Thread:</b> {@link #take} and {@link #close} block for some system calls; {@link #save} and {@link #keep} from any thread, carried
 * out one after the other on the scheduler, which has to have a single thread. <b>Failure:</b> a file that cannot be understood is moved
 * aside and told of; one that cannot be written is told of once until it can be again.
 */
final class StateFile implements LimitJournal, AutoCloseable {

    /** More is not worth reading again: the least lately added go. */
    static final int MOST_LEARNT = 4096;

    private final Path path;
    private final FileChannel lock;
    private final AtomicFile disk;
    private final Scheduler scheduler;
    private final Consumer<String> told;
    private final State found;

    // Confined to the scheduler once it is in use.
    private State state;
    private boolean failing;

    private StateFile(
            Path path, FileChannel lock, AtomicFile disk, Scheduler scheduler, Consumer<String> told, State found) {
        this.path = path;
        this.lock = lock;
        this.disk = disk;
        this.scheduler = scheduler;
        this.told = told;
        this.found = found;
        this.state = found;
    }

    /** Another agent has it; the message is for people. */
    static final class TakenException extends IOException {
        private static final long serialVersionUID = 1;

        TakenException(String message) {
            super(message);
        }
    }

    /** Where an agent keeps it unless it is told otherwise: where systemd says, else {@code /run/tidemark}. */
    static Path byDefault(Map<String, String> environment) {
        return SocketFile.byDefault(environment).resolveSibling("tidemark.state");
    }

    /**
     * Takes it and reads it; makes its directory where there is none.
     *
     * @param boot of the kernel that runs; what is of another boot is dropped
     * @param scheduler of a single thread
     * @param told takes a line when something is the matter with the file; must not block
     * @throws TakenException when another agent has it
     * @throws IOException when it cannot be made
     */
    static StateFile take(Path path, String boot, AtomicFile disk, Scheduler scheduler, Consumer<String> told)
            throws IOException {
        Path absolute = path.toAbsolutePath();
        Path directory = absolute.getParent();
        if (directory == null) {
            throw new IOException(path + " cannot be a file");
        }
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        FileChannel lock = LockFile.take(absolute)
                .orElseThrow(() -> new TakenException(absolute
                        + " is in use by a running agent, which puts back what it has set as it ends: end that one, or give"
                        + " another --state FILE"));
        try {
            return new StateFile(absolute, lock, disk, scheduler, told, found(absolute, boot, told));
        } catch (IOException e) {
            lock.close();
            throw e;
        }
    }

    private static State found(Path path, String boot, Consumer<String> told) throws IOException {
        State empty = new State(boot, 0, List.of(), List.of());
        byte[] content;
        try {
            content = Files.readAllBytes(path);
        } catch (NoSuchFileException _) {
            return empty;
        }
        try {
            State state = State.read(content);
            return state.boot().equals(boot) ? state : empty;
        } catch (State.UnreadableException e) {
            Path aside = path.resolveSibling(path.getFileName() + ".unreadable");
            Files.move(path, aside, StandardCopyOption.REPLACE_EXISTING);
            told.accept("warning: " + path + " is ignored, for " + e.getMessage() + "; it is kept as " + aside
                    + ". If an agent was killed while it throttled or protected, see there what it had set");
            return empty;
        }
    }

    /** What an agent before this one has left, of this boot. */
    State found() {
        return found;
    }

    /** What was learnt of cgroups below the root that was given. Before anything is kept. */
    List<Learnt> learnt() {
        return state.learnt();
    }

    /**
     * Says where paths begin from now on.
     *
     * @throws IOException when something has to be put back below another root; the message is for people
     */
    void root(long id) throws IOException {
        if (found.rootId() != id && !found.limits().isEmpty()) {
            throw new IOException(path + " holds what an agent has set below another cgroup root, such as "
                    + found.limits().getFirst().path()
                    + ": put it back there (tidemark restore --cgroup-root DIR), or give another --state FILE");
        }
        boolean same = found.rootId() == id;
        state = new State(state.boot(), id, state.limits(), same ? state.learnt() : List.of());
    }

    /** Puts back what was found, and keeps what could not be. Lazy. */
    Mono<LimitRestorer.Result> restored(LimitRestorer restorer) {
        return restorer.restore(found.limits())
                .flatMap(result -> save(result.left())
                        // Told of already; what is kept once too often is found to be as it was.
                        .onErrorComplete()
                        .thenReturn(result));
    }

    @Override
    public Mono<Void> save(List<Entry> entries) {
        return written(() -> {
            for (Entry entry : entries) {
                if (!State.isOneLine(entry.path())) {
                    throw new IOException("the path of a cgroup has a line break in it: " + entry.path());
                }
            }
            return new State(state.boot(), state.rootId(), entries, state.learnt());
        });
    }

    /** Keeps this in place of what was learnt before; of very many the last. Lazy, as {@link #save}. */
    Mono<Void> keep(List<Learnt> learnt) {
        return written(() -> {
            List<Learnt> most = learnt.subList(Math.max(0, learnt.size() - MOST_LEARNT), learnt.size());
            return new State(state.boot(), state.rootId(), state.limits(), most);
        });
    }

    private interface Change {
        State next() throws IOException;
    }

    private Mono<Void> written(Change change) {
        return Mono.<Void>fromCallable(() -> {
                    write(change);
                    return null;
                })
                .subscribeOn(scheduler);
    }

    private void write(Change change) throws IOException {
        try {
            State next = change.next();
            if (!next.equals(state)) {
                disk.replace(path, next.written());
                state = next;
            }
            failing = false;
        } catch (IOException e) {
            if (!failing) {
                failing = true;
                told.accept("warning: " + path + " cannot be written: " + e.getMessage());
            }
            throw e;
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }

    /** Gives it up. Idempotent. */
    @Override
    public void close() throws IOException {
        lock.close();
    }
}
