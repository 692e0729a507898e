package dev.tidemark.reclaim.cgroup2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrnoTest {
    @ParameterizedTest
    @CsvSource({
        "No such device, NODEV",
        "Invalid argument, INVAL",
        "Resource temporarily unavailable, AGAIN",
        "Permission denied, ACCES",
        "Operation not permitted, PERM",
        "Read-only file system, ROFS",
        "Operation not supported, NOTSUP",
        "Not supported, NOTSUP",
        "Device or resource busy, BUSY",
        "Resource busy, BUSY",
        "Interrupted system call, INTR",
        "Cannot allocate memory, NOMEM",
        "Too many open files, MFILE",
        "Das Argument ist ungültig, OTHER",
        "'', OTHER"
    })
    void ofWords(String words, Errno expected) {
        assertThat(Errno.of(new IOException(words))).isEqualTo(expected);
        assertThat(Errno.of(new FileSystemException("/a", null, words))).isEqualTo(expected);
    }

    @Test
    void ofTypes() {
        assertThat(Errno.of(new NoSuchFileException("/a"))).isEqualTo(Errno.NOENT);
        assertThat(Errno.of(new AccessDeniedException("/a"))).isEqualTo(Errno.ACCES);
        assertThat(Errno.of(new IOException((String) null))).isEqualTo(Errno.OTHER);
    }

    @Test
    void ofTheKernelItself(@TempDir Path directory) throws IOException {
        CgroupFs fs = new CgroupFs();
        Path file = directory.resolve("file");
        FakeHost.write(file, "");

        assertThat(failure(() -> fs.facts(file.resolve("below")))).isIn(Errno.NOTDIR, Errno.NOENT);
        assertThat(failure(() -> fs.facts(directory.resolve("none")))).isEqualTo(Errno.NOENT);
    }

    private interface Call {
        Object call() throws IOException;
    }

    private static Errno failure(Call call) {
        try {
            return Errno.valueOf("no failure but " + call.call());
        } catch (IOException e) {
            return Errno.of(e);
        }
    }
}
