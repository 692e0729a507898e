package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.reclaim.CgroupLimits;
import dev.tidemark.reclaim.Learnt;
import dev.tidemark.reclaim.LimitFile;
import dev.tidemark.reclaim.LimitJournal;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.scheduler.Schedulers;

class StateFileTest {

    private static final String BOOT = "8b1c4f0e-2f0b-4d26-9a1f-000000000001";
    private static final LimitJournal.Entry HIGH = new LimitJournal.Entry(
            "slow", "batch.slice/a b", 4711, LimitFile.HIGH, CgroupLimits.MAX, List.of(192L << 20, 96L << 20));
    private static final LimitJournal.Entry LOW =
            new LimitJournal.Entry("shelter", "web", 12, LimitFile.LOW, 0, List.of(64L << 20));
    private static final Learnt LEARNT = new Learnt("batch.slice/a b", 4711, 0.25, 3);

    private final List<String> told = new ArrayList<>();
    private final BrokenDisk disk = new BrokenDisk();

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    /** Fails at the step of a number: write, sync, rename, sync of the directory. */
    private static final class BrokenDisk extends AtomicFile {
        static final int STEPS = 4;
        int failing = -1;
        private int step;

        private void step() throws IOException {
            if (step++ == failing) {
                throw new IOException("Input/output error");
            }
        }

        @Override
        void write(FileChannel channel, byte[] content) throws IOException {
            step = 0;
            if (failing == 0) {
                // As far as the disk had room.
                super.write(channel, java.util.Arrays.copyOf(content, content.length / 2));
            }
            step();
            super.write(channel, content);
        }

        @Override
        void sync(FileChannel channel) throws IOException {
            step();
            super.sync(channel);
        }

        @Override
        void rename(Path from, Path to) throws IOException {
            step();
            super.rename(from, to);
        }
    }

    private StateFile take() throws IOException {
        return take(BOOT);
    }

    private StateFile take(String boot) throws IOException {
        return StateFile.take(path(), boot, disk, Schedulers.immediate(), told::add);
    }

    private Path path() {
        return folder.resolve("run/tidemark.state");
    }

    @Test
    void whatIsKeptIsFoundByTheNext() throws IOException {
        try (StateFile file = take()) {
            file.root(1);
            assertThat(file.found()).isEqualTo(new State(BOOT, 0, List.of(), List.of()));
            file.save(List.of(HIGH, LOW)).block();
            file.keep(List.of(LEARNT)).block();
        }
        try (StateFile file = take()) {
            assertThat(file.found()).isEqualTo(new State(BOOT, 1, List.of(HIGH, LOW), List.of(LEARNT)));
            file.root(1);
            file.save(List.of()).block();
        }
        assertThat(Files.readString(path())).isEqualTo("""
                tidemark-state 1
                boot 8b1c4f0e-2f0b-4d26-9a1f-000000000001
                root 1
                learnt 4711 0.25 3 batch.slice/a b
                end 915cf9cb
                """);
        assertThat(told).isEmpty();
    }

    @Test
    void ofAnotherBootNothingIsFound() throws IOException {
        try (StateFile file = take()) {
            file.save(List.of(HIGH)).block();
        }
        try (StateFile file = take("another")) {
            assertThat(file.found().limits()).isEmpty();
        }
    }

    @Test
    void anotherAgentIsRefusedWhileItIsHeld() throws IOException {
        try (StateFile _ = take()) {
            assertThatThrownBy(this::take)
                    .isInstanceOf(StateFile.TakenException.class)
                    .hasMessage(path()
                            + " is in use by a running agent, which puts back what it has set as it ends: end that"
                            + " one, or give another --state FILE");
        }
        take().close();
    }

    @Test
    void whatHasToBePutBackBelowAnotherRootIsNotForgotten() throws IOException {
        try (StateFile file = take()) {
            file.root(1);
            file.save(List.of(HIGH)).block();
        }
        try (StateFile file = take()) {
            assertThatThrownBy(() -> file.root(2)).hasMessageContaining("tidemark restore --cgroup-root DIR");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void whicheverStepFailsOneOfBothIsThereWholeAndItIsTold(int step) throws IOException {
        try (StateFile file = take()) {
            file.save(List.of(HIGH)).block();
            disk.failing = step;
            assertThatThrownBy(() -> file.save(List.of(LOW)).block()).hasRootCauseMessage("Input/output error");
            assertThatThrownBy(() -> file.save(List.of(LOW)).block()).hasRootCauseMessage("Input/output error");
        }
        assertThat(told).containsExactly("warning: " + path() + " cannot be written: Input/output error");

        disk.failing = -1;
        try (StateFile file = take()) {
            assertThat(file.found().limits()).isEqualTo(step == BrokenDisk.STEPS - 1 ? List.of(LOW) : List.of(HIGH));
            file.save(List.of(LOW)).block();
        }
        try (StateFile file = take()) {
            assertThat(file.found().limits()).containsExactly(LOW);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense\n",
                "tidemark-state",
                "tidemark-state 2\nboot x\nend 00000000\n",
                "tidemark-state 1\nboot x\nroot 1\n",
                "tidemark-state 1\nboot x\nroot 1\nend 00000000\n"
            })
    void whatCannotBeUnderstoodIsMovedAsideAndTold(String text) throws IOException {
        Files.createDirectories(folder.resolve("run"));
        Files.writeString(path(), text);
        try (StateFile file = take()) {
            assertThat(file.found().limits()).isEmpty();
        }
        assertThat(told).singleElement().asString().startsWith("warning: " + path() + " is ignored, for it");
        assertThat(folder.resolve("run/tidemark.state.unreadable")).hasContent(text.strip());
    }

    @Test
    void aChangeOfAnyByteIsFound() throws IOException {
        byte[] whole = new State(BOOT, 1, List.of(HIGH, LOW), List.of(LEARNT)).written();
        for (int i = 0; i < whole.length; i++) {
            byte[] changed = whole.clone();
            changed[i] ^= 1;
            assertThatThrownBy(() -> State.read(changed)).isInstanceOf(State.UnreadableException.class);
        }
    }

    @Test
    void ofVeryManyLearntTheLastAreKept() throws IOException {
        List<Learnt> many = IntStream.range(0, StateFile.MOST_LEARNT + 7)
                .mapToObj(i -> new Learnt("c" + i, i, Double.NaN, 0))
                .toList();
        try (StateFile file = take()) {
            file.keep(many).block();
        }
        try (StateFile file = take()) {
            assertThat(file.found().learnt()).hasSize(StateFile.MOST_LEARNT).isEqualTo(many.subList(7, many.size()));
        }
    }

    @Test
    void aPathThatCannotBeKeptIsRefused() throws IOException {
        try (StateFile file = take()) {
            LimitJournal.Entry odd = new LimitJournal.Entry("slow", "a\nb", 1, LimitFile.LOW, 0, List.of(1L << 20));
            assertThatThrownBy(() -> file.save(List.of(odd)).block()).hasMessageContaining("line break");
        }
    }
}
