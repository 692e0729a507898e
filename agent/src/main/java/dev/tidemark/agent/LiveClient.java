package dev.tidemark.agent;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.StringJoiner;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Asks a running agent over its socket. */
final class LiveClient {

    private static final int PIECE = 8192;

    private LiveClient() {}

    /**
     * Prints where the policies of a running agent stand. Blocks for at most {@value AgentSocket#SECONDS} s.
     *
     * @param socket of the agent, or null for where agents listen by default
     * @param policy only this one, or null for all
     * @param cgroup only those whose path this glob matches, or null for all
     * @return the exit status: {@link ExitStatus#BAD_INPUT} when the agent knows no such policy or cgroup, {@link
     *     ExitStatus#HOST_LACKS} when no agent answers
     */
    static int explain(
            @Nullable Path socket, @Nullable String policy, @Nullable String cgroup, PrintWriter out, PrintWriter err) {
        StringJoiner query = new StringJoiner("&", "/explain?", "");
        if (policy != null) {
            query.add("policy=" + URLEncoder.encode(policy, StandardCharsets.UTF_8));
        }
        if (cgroup != null) {
            query.add("cgroup=" + URLEncoder.encode(cgroup, StandardCharsets.UTF_8));
        }
        Path path = socket == null ? SocketFile.byDefault(System.getenv()) : socket;
        String answer;
        try {
            answer = get(path, query.toString());
        } catch (IOException e) {
            err.println("tidemark: " + noAgent(path, e));
            err.flush();
            return ExitStatus.HOST_LACKS;
        }
        return print(answer, out, err);
    }

    private static int print(String answer, PrintWriter out, PrintWriter err) {
        int body = answer.indexOf("\r\n\r\n");
        String[] head = answer.split(" ", 3);
        if (body < 0 || head.length < 3 || !head[0].startsWith("HTTP/1.")) {
            err.println("tidemark: the agent broke off its answer");
            err.flush();
            return ExitStatus.FAILED;
        }
        String text = answer.substring(body + 4);
        boolean good = head[1].equals(String.valueOf(SocketReply.OK));
        PrintWriter to = good ? out : err;
        to.print(good ? text : "tidemark: " + text);
        to.flush();
        if (good) {
            return ExitStatus.OK;
        }
        return head[1].startsWith("4") ? ExitStatus.BAD_INPUT : ExitStatus.FAILED;
    }

    private static String noAgent(Path path, IOException e) {
        if (!Files.exists(path)) {
            return "no agent listens: there is no " + path
                    + " (a running agent says in its log where it listens; --socket PATH)";
        }
        return "no agent answers at " + path + ": " + e.getMessage();
    }

    private static String get(Path socket, String target) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            CountDownLatch answered = new CountDownLatch(1);
            // A read of such a socket knows no time limit; closing it ends the read.
            Thread.ofPlatform().daemon().name("tidemark-patience").start(() -> closeUnless(answered, channel));
            try {
                ByteBuffer request =
                        StandardCharsets.US_ASCII.encode("GET " + target + " HTTP/1.1\r\nHost: tidemark\r\n\r\n");
                while (request.hasRemaining()) {
                    channel.write(request);
                }
                return all(channel);
            } finally {
                answered.countDown();
            }
        } catch (UnsupportedOperationException e) {
            throw new IOException("this system has no Unix domain sockets", e);
        }
    }

    private static String all(SocketChannel channel) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer piece = ByteBuffer.allocate(PIECE);
        while (channel.read(piece) >= 0) {
            all.write(piece.array(), 0, piece.position());
            piece.clear();
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    private static void closeUnless(CountDownLatch answered, SocketChannel channel) {
        try {
            if (!answered.await(AgentSocket.SECONDS, TimeUnit.SECONDS)) {
                channel.close();
            }
        } catch (InterruptedException | IOException _) {
            // Nobody waits any more.
            Thread.currentThread().interrupt();
        }
    }
}
