package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** The socket with an agent of straw behind it. Real time, real sockets. */
class AgentSocketTest {

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @SuppressWarnings("NullAway.Init") // set before each
    private Path path;

    @SuppressWarnings("NullAway.Init") // set before each
    private AgentSocket socket;

    @BeforeEach
    void serve() throws IOException {
        path = folder.resolve("s");
        socket = AgentSocket.serve(SocketFile.take(path), _ -> AgentSocketTest::answer);
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
    }

    @Test
    void answersAQuestionWithItsNamesDecoded() {
        assertThat(explain("a policy", "batch.slice/*&?")).isEqualTo(ExitStatus.OK);

        assertThat(out).hasToString("/explain a policy batch.slice/*&?\n");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void anAnswerMayBeMuchLargerThanASocketsBuffer() {
        assertThat(explain("large", null)).isEqualTo(ExitStatus.OK);

        assertThat(out.toString()).hasSize(4_000_001);
    }

    @Test
    void whatIsNotKnownIsBadInput() {
        assertThat(explain("none", null)).isEqualTo(ExitStatus.BAD_INPUT);

        assertThat(err).hasToString("tidemark: no policy none\n");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void aDefectIsToldAndTheNextIsAnswered() {
        assertThat(explain("throws", null)).isEqualTo(ExitStatus.FAILED);
        assertThat(explain("fails", null)).isEqualTo(ExitStatus.FAILED);
        assertThat(err.toString()).contains("broken");

        assertThat(explain("good", null)).isEqualTo(ExitStatus.OK);
    }

    @Test
    void somebodyWhoSaysNothingHoldsNobodyUp() throws IOException {
        List<SocketChannel> silent = new ArrayList<>();
        try {
            for (int i = 0; i < AgentSocket.MOST - 1; i++) {
                silent.add(SocketChannel.open(UnixDomainSocketAddress.of(path)));
            }

            assertThat(explain("good", null)).isEqualTo(ExitStatus.OK);
        } finally {
            for (SocketChannel channel : silent) {
                channel.close();
            }
        }
    }

    @Test
    void somebodyWhoHangsUpMakesRoom() throws IOException {
        for (int i = 0; i < 3 * AgentSocket.MOST; i++) {
            SocketChannel.open(UnixDomainSocketAddress.of(path)).close();
        }

        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(explain("good", null)).isEqualTo(ExitStatus.OK));
    }

    @Test
    void whatIsNoRequestIsRefused() throws IOException {
        assertThat(raw("POST /explain HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(raw("hello\n\n")).startsWith("HTTP/1.1 400 ");
        assertThat(raw("GET /explain?policy=%zz HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(raw("GET /" + "x".repeat(8192))).startsWith("HTTP/1.1 431 ");
    }

    @Test
    void aRequestMayComeInPieces() throws IOException {
        assertThat(raw("GET /explain?pol", "icy=good HTTP/1.1\r\nHost: x\r\n", "\r\n"))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .endsWith("\r\n\r\n/explain good \n");
    }

    @Test
    void withoutAnAgentThereIsAStatusOfItsOwn() throws IOException {
        socket.close();

        assertThat(explain("good", null)).isEqualTo(ExitStatus.HOST_LACKS);

        assertThat(err.toString()).startsWith("tidemark: no agent listens: there is no " + path);
    }

    private static Mono<SocketReply> answer(SocketRequest request) {
        String policy = request.of("policy").orElse("");
        return switch (policy) {
            case "large" -> Mono.just(SocketReply.of(SocketReply.OK, "x".repeat(4_000_000)));
            case "none" -> Mono.just(SocketReply.of(SocketReply.NOT_FOUND, "no policy none"));
            case "throws" -> throw new IllegalStateException("broken");
            case "fails" -> Mono.error(new IllegalStateException("broken"));
            default ->
                Mono.just(new SocketReply(
                        SocketReply.OK,
                        () -> request.path() + " " + policy + " "
                                + request.of("cgroup").orElse("")));
        };
    }

    private int explain(String policy, @Nullable String cgroup) {
        return LiveClient.explain(path, policy, cgroup, new PrintWriter(out), new PrintWriter(err));
    }

    private String raw(String... pieces) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            for (String piece : pieces) {
                channel.write(StandardCharsets.US_ASCII.encode(piece));
            }
            ByteBuffer reply = ByteBuffer.allocate(4096);
            while (channel.read(reply) >= 0 && reply.hasRemaining()) {}
            return new String(reply.array(), 0, reply.position(), StandardCharsets.UTF_8);
        }
    }
}
