package dev.tidemark.reclaim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.reclaim.FakeKernel.Call;
import dev.tidemark.reclaim.ReclaimEvent.Reason;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Whose turn it is, and who may wait. */
class ReclaimOrderTest extends ReclaimCase {

    @Test
    void twoCgroupsShareOneWorkerInTurn() {
        Rig rig = rig("stop: usage <= 8MiB");

        rig.use(A, 12 * MIB);
        rig.use(B, 12 * MIB);
        advance(Duration.ofMillis(20));

        assertThat(kernel.calls).extracting(Call::path).containsExactly("a", "b", "a", "b", "a", "b", "a", "b");
        assertThat(kernel.mostRunning).isEqualTo(1);
    }

    @Test
    void aFullQueueRefusesAndTheNextSampleAsksAgain() {
        Rig rig = rig("stop: usage <= 8MiB");
        kernel.took = Duration.ofMillis(100);
        rig.use(A, 9 * MIB + MIB / 2);
        rig.use(B, 9 * MIB + MIB / 2);
        rig.use(C, 9 * MIB + MIB / 2);
        assertThat(held()).contains(Reason.QUEUE_FULL);
        assertThat(rig.engine.waiting()).isEqualTo(1);

        advance(Duration.ofMillis(500));
        assertThat(kernel.calls).extracting(Call::path).doesNotContain("c");
        rig.sample(C, 9 * MIB + MIB / 2);
        advance(Duration.ofMillis(250));

        assertThat(kernel.calls).extracting(Call::path).contains("c");
        assertThat(kernel.usage).containsEntry(C, 8 * MIB);
    }

    @Test
    void aHigherPriorityGoesFirst() {
        Rig rig = new Rig(parse("""
                version: 1
                workqueue: {workers: 1, length: 8}
                policies:
                  - {name: low, cgroups: [a, b], start: usage > 9MiB, stop: usage <= 8MiB, reclaim: {batch: 1MiB}}
                  - {name: high, cgroups: [c], start: usage > 9MiB, stop: usage <= 8MiB, reclaim: {batch: 1MiB}, priority: 1}
                """));
        rig.use(A, 12 * MIB);
        rig.use(B, 12 * MIB);
        rig.use(C, 12 * MIB);
        advance(Duration.ofMillis(20));

        assertThat(kernel.calls)
                .extracting(Call::path)
                .containsExactly("a", "c", "c", "c", "c", "b", "a", "b", "a", "b", "a", "b");
    }

    @Test
    void equalsShareTheWorkersTimeByWeight() {
        Rig rig = new Rig(parse("""
                version: 1
                workqueue: {workers: 1, length: 8}
                policies:
                  - {name: light, cgroups: [a], start: usage > 9MiB, stop: usage <= 1MiB, reclaim: {batch: 1MiB}}
                  - {name: heavy, cgroups: [b], start: usage > 9MiB, stop: usage <= 1MiB, reclaim: {batch: 1MiB}, weight: 300}
                """));
        rig.use(A, 1000 * MIB);
        rig.use(B, 1000 * MIB);
        advance(Duration.ofMillis(400));

        long light =
                kernel.calls.stream().filter(call -> call.path().equals("a")).count();
        assertThat(kernel.calls).hasSizeBetween(400, 401);
        assertThat(light).isBetween(99L, 102L);
    }

    @Test
    void aBusyHighPriorityDoesNotStarveALowOne() {
        Rig rig = new Rig(parse("""
                version: 1
                workqueue: {workers: 1, length: 8}
                policies:
                  - {name: low, cgroups: [a], start: usage > 9MiB, stop: usage <= 8MiB, reclaim: {batch: 1MiB}, priority: -2}
                  - {name: high, cgroups: [b, c], start: usage > 9MiB, stop: usage <= 8MiB, reclaim: {batch: 1MiB}}
                """));
        kernel.usage.put(B, 1L << 50);
        rig.use(B, 1L << 50);
        rig.use(C, 1L << 50);
        rig.use(A, 12 * MIB);
        advance(Duration.ofSeconds(5));

        assertThat(kernel.calls.stream().filter(call -> call.path().equals("a")).map(Call::atMillis))
                .hasSize(2)
                .first()
                .satisfies(at -> assertThat(at).isBetween(1999L, 2002L));
    }

    @Test
    void theLengthThatAReloadLeavesHolds() {
        Rig rig = new Rig(parse("""
                version: 1
                workqueue: {workers: 1, length: 8}
                policies:
                  - {name: test, cgroups: ["*"], start: usage > 9MiB, stop: usage <= 8MiB, reclaim: {batch: 1MiB}}
                """));
        kernel.took = Duration.ofMillis(100);
        rig.use(A, 12 * MIB);
        rig.use(B, 12 * MIB);
        rig.use(C, 12 * MIB);
        assertThat(rig.engine.waiting()).isEqualTo(2);

        rig.reload(parse("""
                version: 1
                workqueue: {workers: 1, length: 1}
                policies:
                  - {name: test, cgroups: ["*"], start: usage > 9MiB, stop: usage <= 8MiB, reclaim: {batch: 1MiB}}
                """));

        assertThat(rig.engine.waiting()).isEqualTo(1);
        assertThat(held()).containsExactly(Reason.QUEUE_FULL);
    }

    @Test
    void aWriteTakesAboutItsTargetTimeAfterAFew_alsoWhenTheKernelGetsSlower() {
        kernel.tookFor = pages -> Duration.ofNanos(pages * 1000);
        Rig rig = rig("stop: usage <= 8MiB", "reclaim: {batch: 20ms}");
        rig.use(A, 1L << 40);
        advance(Duration.ofSeconds(1));
        assertThat(reclaimed().getLast().result().tookNanos()).isBetween(10_000_000L, 20_000_000L);

        kernel.tookFor = pages -> Duration.ofNanos(pages * 10_000);
        advance(Duration.ofSeconds(1));
        assertThat(reclaimed().getLast().result().tookNanos()).isBetween(10_000_000L, 20_000_000L);
        assertThat(reclaimed().stream()
                        .filter(it -> it.result().tookNanos() > 20_000_000)
                        .count())
                .as("but for the one that found it out")
                .isEqualTo(1);
    }
}
