package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class EventLogTest {

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @Test
    void linesAreWrittenInOrderAndAllBeforeItIsClosed() {
        try (EventLog log = new EventLog(new PrintStream(written, false, StandardCharsets.UTF_8))) {
            for (int i = 0; i < 100; i++) {
                int line = i;
                log.line(() -> "line " + line);
            }
        }

        assertThat(written.toString(StandardCharsets.UTF_8).lines())
                .hasSize(100)
                .startsWith("line 0", "line 1")
                .endsWith("line 99");
    }

    @Test
    void aReaderThatStopsReadingHoldsNobodyUpAndIsToldWhatItMissed() {
        CountDownLatch reading = new CountDownLatch(1);
        OutputStream pipe = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                try {
                    reading.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                written.write(b);
            }
        };
        int offered = 3 * EventLog.CAPACITY;

        try (EventLog log = new EventLog(new PrintStream(pipe, true, StandardCharsets.UTF_8))) {
            for (int i = 0; i < offered; i++) {
                log.line(() -> "line");
            }
            reading.countDown();
        }

        String text = written.toString(StandardCharsets.UTF_8);
        assertThat(text).containsPattern("log: \\d+ lines dropped because the reader of this log is too slow");
        assertThat(text.lines().filter("line"::equals).count()).isLessThanOrEqualTo(EventLog.CAPACITY + 1);
    }
}
