package dev.tidemark.agent;

import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/**
 * What an operator has of a running agent: a new policy file by SIGHUP or by changing it, and answers over the socket.
 *
 * <p><b>Thread:</b> any, one at a time.
 */
final class Operation implements AutoCloseable {

    private final Reloader reloader;
    private final PolicyFileWatch watch;
    private final @Nullable AgentSocket socket;

    /**
     * Begins. Blocks for some system calls.
     *
     * @param file where to listen, or null not to; closed in the end
     * @param control reads and checks files
     * @param log takes lines; must not block
     */
    Operation(
            RunOptions options,
            Agent agent,
            PolicyCheck check,
            Hangup hangup,
            @Nullable SocketFile file,
            Scheduler control,
            Consumer<String> log)
            throws IOException {
        reloader = new Reloader(options.file(), options.text(), TextFile::read, check, agent::reload, control, log);
        watch = new PolicyFileWatch(options.file(), reloader::changed);
        watch.start();
        // It may have changed since it was read.
        reloader.changed();
        hangup.tell(reloader::request);
        socket = file == null ? null : AgentSocket.serve(file, own -> new LiveExplain(agent, own)::answer);
        if (file != null) {
            log.accept("listening socket=" + file);
        }
    }

    @Override
    public void close() throws IOException {
        watch.close();
        reloader.close();
        if (socket != null) {
            socket.close();
        }
    }
}
