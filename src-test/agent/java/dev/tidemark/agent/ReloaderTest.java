package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.agent.TextFile.UnreadableException;
import dev.tidemark.config.Analysis;
import dev.tidemark.config.Checked;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.PolicyFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/** When a file is looked at and what becomes of it, in virtual time. */
class ReloaderTest {

    private static final String HEAD = """
            version: 1
            policies:
            """;

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final List<String> log = new ArrayList<>();
    private final List<PolicyFile> running = new ArrayList<>();
    private Runnable whileReading = () -> {};
    private int reads;

    private @Nullable String text = HEAD + policy("a", 16);

    private final Reloader reloader = new Reloader(
            Path.of("policy.yaml"), HEAD + policy("a", 16), this::read, ReloaderTest::check, this::run, time, log::add);

    ReloaderTest() {
        running.add(parsed(HEAD + policy("a", 16)));
    }

    @Test
    void aChangeIsTakenOnceTheFileHasBeenLeftAlone() {
        text = HEAD + policy("a", 20) + policy("b", 16);
        reloader.changed();
        time.advanceTimeBy(Reloader.QUIET.dividedBy(2));
        reloader.changed();
        time.advanceTimeBy(Reloader.QUIET.minusMillis(1));
        assertThat(reads).isZero();

        time.advanceTimeBy(Duration.ofMillis(1));

        assertThat(reads).isOne();
        assertThat(log).containsExactly("reloaded added=b changed=a unchanged=0");
    }

    @Test
    void aFileThatIsNeverLeftAloneIsLookedAtAllTheSame() {
        text = HEAD + policy("b", 16);
        for (Duration gone = Duration.ZERO; gone.compareTo(Reloader.LONGEST) < 0; gone = gone.plusMillis(100)) {
            reloader.changed();
            time.advanceTimeBy(Duration.ofMillis(100));
        }

        assertThat(log).containsExactly("reloaded added=b removed=a unchanged=0");
    }

    @Test
    void whatReadsTheSameIsNoChange() {
        reloader.changed();
        time.advanceTimeBy(Reloader.LONGEST);

        assertThat(reads).isOne();
        assertThat(log).isEmpty();
    }

    @Test
    void aRequestIsServedAtOnceAndAnswered() {
        reloader.request();
        time.advanceTime();

        assertThat(log).containsExactly("reloaded unchanged=1");
    }

    @Test
    void requestsWhileOneIsServedAreOne() {
        whileReading = () -> {
            whileReading = () -> {};
            reloader.request();
            reloader.request();
            reloader.request();
        };
        reloader.request();
        time.advanceTime();

        assertThat(reads).isEqualTo(2);
        assertThat(log).containsExactly("reloaded unchanged=1", "reloaded unchanged=1");
    }

    @Test
    void aRequestTakesThePlaceOfALookThatWasDue() {
        text = HEAD + policy("b", 16);
        reloader.changed();
        time.advanceTime();
        reloader.request();
        time.advanceTimeBy(Reloader.LONGEST);

        assertThat(log).containsExactly("reloaded added=b removed=a unchanged=0");
    }

    @Test
    void aWrongFileIsRefusedWholeWithEveryProblemAndToldOnce() {
        text = HEAD
                + policy("a", 20)
                + policy("b", 16).replace("usage > ", "usge > ").replace("stop:", "stopp:");
        reloader.changed();
        time.advanceTimeBy(Reloader.LONGEST);
        reloader.changed();
        time.advanceTimeBy(Reloader.LONGEST);

        assertThat(running).hasSize(1);
        assertThat(log)
                .singleElement()
                .asString()
                .startsWith("reload refused, the policies stay as they are: ")
                .contains("problems\npolicy.yaml:")
                .contains("unknown signal \"usge\"")
                .contains("stopp")
                .contains("^^^^");
    }

    @Test
    void aConditionThatCannotBeIsRefusedToo() {
        text = HEAD + policy("a", 20).replace("stop: usage < 8MiB", "stop: usage < 8MiB and usage > 9MiB");
        reloader.request();
        time.advanceTime();

        assertThat(running).hasSize(1);
        assertThat(log).singleElement().asString().startsWith("reload refused");
    }

    @Test
    void theRepairedFileIsTakenThoughItIsTheOneThatRuns() {
        text = "nonsense";
        reloader.changed();
        time.advanceTimeBy(Reloader.LONGEST);
        text = HEAD + policy("a", 16);
        reloader.changed();
        time.advanceTimeBy(Reloader.LONGEST);

        assertThat(log).hasSize(2).last().isEqualTo("reloaded unchanged=1");
    }

    @Test
    void aFileThatIsGoneIsToldOnceAndTakenWhenItIsBack() {
        text = null;
        for (int i = 0; i < 3; i++) {
            reloader.changed();
            time.advanceTimeBy(Reloader.LONGEST);
        }
        assertThat(log)
                .containsExactly(
                        "reload refused, the policies stay as they are: policy.yaml: there is no such file any more");

        text = HEAD + policy("b", 16);
        reloader.changed();
        time.advanceTimeBy(Reloader.LONGEST);

        assertThat(log).last().isEqualTo("reloaded added=b removed=a unchanged=0");
    }

    @Test
    void aFileThatIsGoneForLessThanTheQuietTimeWasNeverGone() {
        text = null;
        reloader.changed();
        time.advanceTimeBy(Reloader.QUIET.dividedBy(2));
        text = HEAD + policy("a", 16);
        reloader.changed();
        time.advanceTimeBy(Reloader.LONGEST);

        assertThat(log).isEmpty();
    }

    @Test
    void boundsOfTheQueueAreTakenAndThreadsNeedARestart() {
        text = "workqueue: { workers: 9, length: 7 }\n" + HEAD + policy("a", 16);
        reloader.request();
        time.advanceTime();

        assertThat(log)
                .containsExactly(
                        "reloaded unchanged=1 workqueue.length=7",
                        "warning: workqueue.workers stays 4 until a restart: threads are given out at the start");
    }

    @Test
    void whatAllPoliciesMaySpendIsTaken() {
        text = "limits: { bytes: 1MiB/s }\n" + HEAD + policy("a", 16);
        reloader.request();
        time.advanceTime();

        assertThat(log).containsExactly("reloaded unchanged=1 limits=changed");
    }

    @Test
    void whatPlacesItDiffersInIsNoChange() {
        text = "# a comment\n" + HEAD + policy("a", 16);
        reloader.changed();
        time.advanceTimeBy(Reloader.LONGEST);

        assertThat(log).containsExactly("reloaded unchanged=1");
    }

    @Test
    void closedItLooksNoMore() {
        reloader.close();
        reloader.request();
        reloader.changed();
        time.advanceTimeBy(Reloader.LONGEST);

        assertThat(reads).isZero();
    }

    private String read(Path file) throws UnreadableException {
        reads++;
        whileReading.run();
        if (text == null) {
            throw new UnreadableException("there is no such file", true);
        }
        return text;
    }

    private Mono<PolicyChanges> run(PolicyFile file) {
        return Mono.fromCallable(() -> {
            PolicyChanges changes = PolicyChanges.between(running.getLast(), file);
            running.add(file);
            return changes;
        });
    }

    private static PolicyCheck.Verdict check(String text) {
        return switch (Analysis.parse("policy.yaml", text, new HostMemory(1L << 30, 4096))) {
            case Checked.Valid<Analysis.Result>(Analysis.Result result) ->
                PolicyCheck.Verdict.accepted(result.file(), HostPolicies.rendered(result.warnings()));
            case Checked.Invalid<Analysis.Result>(var problems) ->
                PolicyCheck.Verdict.refused(HostPolicies.rendered(problems));
        };
    }

    private static PolicyFile parsed(String text) {
        PolicyFile file = check(text).file();
        if (file == null) {
            throw new AssertionError(text);
        }
        return file;
    }

    private static String policy(String name, int mib) {
        return """
              - name: %s
                cgroups: ["%s/*"]
                start: usage > %dMiB
                stop: usage < 8MiB
            """.formatted(name, name, mib);
    }
}
