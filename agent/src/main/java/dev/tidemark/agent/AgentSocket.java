package dev.tidemark.agent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Answers questions about the running agent over its socket: one GET a connection, in as much of HTTP/1.1 as {@code curl
 * --unix-socket} needs.
 *
 * <p><b>Thread:</b> one daemon thread serves all connections without ever waiting for one of them; answers may come from any
 * thread, their texts are made here. {@link #execute} runs a task here. <b>Back-pressure:</b> {@value #MOST} connections are
 * served at a time, further ones wait in the kernel's queue. <b>Time:</b> a connection has {@value #SECONDS} s in all, however
 * slow its other end. <b>Failure:</b> of one connection closes that one.
 */
final class AgentSocket implements AutoCloseable {

    static final int MOST = 16;
    static final int SECONDS = 10;

    private static final int LARGEST_REQUEST = 8192;
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(SECONDS);
    private static final Duration CLOSE_AT_MOST = Duration.ofSeconds(1);

    private final SocketFile file;
    private final Handler handler;
    private final Selector selector;
    private final SelectionKey accepting;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final List<Connection> connections = new ArrayList<>();
    private final Thread thread;

    /** What answers. */
    @FunctionalInterface
    interface Handler {
        /** On the socket's thread; must not block. An error is told to whoever asked. */
        Mono<SocketReply> answer(SocketRequest request);
    }

    private AgentSocket(SocketFile file, Function<Executor, Handler> handler, Selector selector) throws IOException {
        this.file = file;
        this.handler = handler.apply(this::execute);
        this.selector = selector;
        ServerSocketChannel channel = file.channel();
        channel.configureBlocking(false);
        this.accepting = channel.register(selector, SelectionKey.OP_ACCEPT);
        this.thread = Thread.ofPlatform().daemon().name("tidemark-socket").unstarted(this::run);
    }

    /**
     * Serves the socket from now on, and closes it in the end.
     *
     * @param handler made with what runs tasks on the socket's thread
     */
    static AgentSocket serve(SocketFile file, Function<Executor, Handler> handler) throws IOException {
        AgentSocket socket = new AgentSocket(file, handler, Selector.open());
        socket.thread.start();
        return socket;
    }

    /** Never blocks; after {@link #close} the task is not run. */
    private void execute(Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    /** Breaks off what is being served, and removes the socket. */
    @Override
    public void close() throws IOException {
        try (file) {
            selector.close();
            thread.join(CLOSE_AT_MOST);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (selector.isOpen()) {
                selector.select(this::ready, untilFirstDeadline());
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
                endOverdue();
            }
        } catch (IOException | ClosedSelectorException _) {
            // Closed.
        } finally {
            List.copyOf(connections).forEach(Connection::end);
        }
    }

    private long untilFirstDeadline() {
        long now = System.nanoTime();
        long first = Long.MAX_VALUE;
        for (Connection connection : connections) {
            first = Math.min(first, connection.deadline - now);
        }
        // 0 waits for ever, as there is nobody to be late.
        return connections.isEmpty() ? 0 : Math.max(1, TimeUnit.NANOSECONDS.toMillis(first) + 1);
    }

    private void endOverdue() {
        long now = System.nanoTime();
        List.copyOf(connections).stream()
                .filter(connection -> connection.deadline - now <= 0)
                .forEach(Connection::end);
    }

    private void ready(SelectionKey key) {
        if (key.attachment() instanceof Connection connection) {
            connection.ready();
        } else {
            accept();
        }
    }

    private void accept() {
        try {
            SocketChannel channel = file.channel().accept();
            if (channel != null) {
                channel.configureBlocking(false);
                connections.add(new Connection(channel));
            }
        } catch (IOException _) {
            // Whoever it was has hung up, or there is no descriptor left: he asks again.
            return;
        }
        allowMore();
    }

    private void allowMore() {
        if (accepting.isValid()) {
            accepting.interestOps(connections.size() < MOST ? SelectionKey.OP_ACCEPT : 0);
        }
    }

    /** One question and its answer. */
    private final class Connection {
        private final SocketChannel channel;
        private final SelectionKey key;
        private final long deadline = System.nanoTime() + LONGEST_NANOS;
        private final ByteBuffer request = ByteBuffer.allocate(LARGEST_REQUEST);
        private @Nullable ByteBuffer reply;
        private boolean tooLong;
        private boolean replied;

        Connection(SocketChannel channel) throws IOException {
            this.channel = channel;
            this.key = channel.register(selector, SelectionKey.OP_READ, this);
        }

        void ready() {
            try {
                if (reply == null) {
                    read();
                } else {
                    write(reply);
                }
            } catch (IOException _) {
                end();
            }
        }

        private void read() throws IOException {
            if (replied) {
                request.clear();
            }
            if (channel.read(request) < 0) {
                end();
                return;
            }
            if (replied) {
                return;
            }
            String head = new String(request.array(), 0, request.position(), StandardCharsets.UTF_8);
            if (head.contains("\r\n\r\n") || head.contains("\n\n")) {
                key.interestOps(0);
                answer(head);
            } else if (!request.hasRemaining()) {
                tooLong = true;
                reply(SocketReply.of(431, "the request is too long"));
            }
        }

        private void answer(String head) {
            Mono<SocketReply> answer;
            try {
                answer = handler.answer(SocketRequest.parse(head));
            } catch (SocketRequest.MalformedException e) {
                answer = Mono.just(SocketReply.of(400, e.reason()));
            } catch (RuntimeException e) {
                answer = Mono.error(e);
            }
            // A subscription that outlives the connection finds it ended.
            answer.onErrorResume(e -> Mono.just(SocketReply.of(500, "a defect of tidemark's own: " + e)))
                    .subscribe(made -> execute(() -> reply(made)));
        }

        private void reply(SocketReply made) {
            if (!key.isValid()) {
                return;
            }
            ByteBuffer bytes = made.bytes();
            reply = bytes;
            try {
                write(bytes);
            } catch (IOException _) {
                end();
            }
        }

        private void write(ByteBuffer bytes) throws IOException {
            channel.write(bytes);
            if (bytes.hasRemaining()) {
                key.interestOps(SelectionKey.OP_WRITE);
            } else if (tooLong) {
                // Closing on what has not been read would break off the reply as well.
                replied = true;
                reply = null;
                channel.shutdownOutput();
                key.interestOps(SelectionKey.OP_READ);
            } else {
                end();
            }
        }

        void end() {
            key.cancel();
            connections.remove(this);
            try {
                channel.close();
            } catch (IOException _) {
                // It is closed all the same.
                reply = null;
            }
            allowMore();
        }
    }
}
