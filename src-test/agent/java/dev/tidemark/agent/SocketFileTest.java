package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketFileTest {

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @Test
    void listensForItsOwnerOnlyAndLeavesNoSocketBehind() throws IOException {
        Path path = folder.resolve("run/agent.sock");
        try (SocketFile _ = SocketFile.take(path)) {
            assertThat(Files.getPosixFilePermissions(path))
                    .containsExactlyInAnyOrder(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                assertThat(client.isConnected()).isTrue();
            }
        }

        try (Stream<Path> left = Files.list(folder.resolve("run"))) {
            assertThat(left).containsExactly(folder.resolve("run/agent.sock.lock"));
        }
    }

    @Test
    void ofTwoAgentsTheSecondIsRefusedAndTheFirstGoesOn() throws IOException {
        Path path = folder.resolve("agent.sock");
        try (SocketFile _ = SocketFile.take(path)) {
            assertThatThrownBy(() -> SocketFile.take(path))
                    .isInstanceOf(SocketFile.TakenException.class)
                    .hasMessageContaining(path + " is in use by a running agent")
                    .hasMessageContaining("--no-socket");
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                assertThat(client.isConnected()).isTrue();
            }
        }
    }

    @Test
    void givenUpTwiceItIsStillTheNextOnesInBetween() throws IOException {
        Path path = folder.resolve("agent.sock");
        SocketFile first = SocketFile.take(path);
        first.close();
        try (SocketFile _ = SocketFile.take(path)) {
            first.close();

            assertThat(path).exists();
        }
    }

    @Test
    void aDeadAgentsSocketIsReplaced() throws IOException {
        Path path = folder.resolve("agent.sock");
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(path));
        }
        assertThat(path).exists();

        try (SocketFile _ = SocketFile.take(path);
                SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            assertThat(client.isConnected()).isTrue();
        }
    }

    @Test
    void aSocketOfSomebodyElseIsLeftAlone() throws IOException {
        Path path = folder.resolve("agent.sock");
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(path));

            assertThatThrownBy(() -> SocketFile.take(path)).isInstanceOf(SocketFile.TakenException.class);

            assertThat(path).exists();
        }
    }

    @Test
    void whatIsNoSocketIsLeftAlone() throws IOException {
        Path path = Files.writeString(folder.resolve("agent.sock"), "precious");

        assertThatThrownBy(() -> SocketFile.take(path))
                .isInstanceOf(SocketFile.TakenException.class)
                .hasMessageContaining("is no socket");

        assertThat(path).hasContent("precious");
    }

    @Test
    void aPathThatDoesNotFitAnAddressIsRefusedInASentence() {
        Path path = folder.resolve("d".repeat(100)).resolve("agent.sock");

        assertThatThrownBy(() -> SocketFile.take(path))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("too long a path for a socket");
    }

    @Test
    void systemdSaysWhere() {
        assertThat(SocketFile.byDefault(Map.of())).isEqualTo(Path.of("/run/tidemark/tidemark.sock"));
        assertThat(SocketFile.byDefault(Map.of("RUNTIME_DIRECTORY", "/run/a:/run/b")))
                .isEqualTo(Path.of("/run/a/tidemark.sock"));
    }
}
