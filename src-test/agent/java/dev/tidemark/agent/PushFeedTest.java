package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Expr.Resource;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Push;
import dev.tidemark.triggers.PushRefusedException;
import dev.tidemark.triggers.PushRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.test.scheduler.VirtualTimeScheduler;

class PushFeedTest {

    private static final Cgroup A = new Cgroup(1, "a");
    private static final Cgroup B = new Cgroup(2, "b");
    private static final PushRequest EVENTS = new PushRequest.Events();
    private static final PushRequest PRESSURE =
            new PushRequest.Pressure(Resource.MEMORY, false, Duration.ofMillis(150), Duration.ofSeconds(1));

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final List<String> open = new ArrayList<>();
    private final List<Push> pushed = new ArrayList<>();
    private final List<String> refused = new ArrayList<>();
    private final Sinks.Many<Push> kernel = Sinks.many().multicast().directBestEffort();
    private boolean refuses;

    private final PushFeed feed = new PushFeed(
            this::pushes,
            time,
            pushed::add,
            (cgroup, failure) -> refused.add(cgroup.path() + ": " + failure.getMessage()));

    @Test
    void eachRequestOfEachCgroupIsAskedForOnce() {
        feed.want(A, Set.of(EVENTS, PRESSURE));
        feed.want(B, Set.of(EVENTS));
        feed.want(A, Set.of(PRESSURE, EVENTS));

        assertThat(open).hasSize(3);
    }

    @Test
    void whatIsWantedNoMoreIsGivenUpAndTheRestGoesOn() {
        feed.want(A, Set.of(EVENTS, PRESSURE));

        feed.want(A, Set.of(PRESSURE));

        assertThat(open).containsExactly("a Pressure");
    }

    @Test
    void aCgroupThatIsGoneIsGivenUpAndNoOther() {
        feed.want(A, Set.of(EVENTS, PRESSURE));
        feed.want(B, Set.of(EVENTS));

        feed.gone(A);
        feed.gone(A);

        assertThat(open).containsExactly("b Events");
    }

    @Test
    void pushesAreHandedOnOnTheCore() {
        feed.want(A, Set.of(EVENTS));

        kernel.tryEmitNext(new Push(A, EVENTS, 7));
        time.advanceTime();

        assertThat(pushed).extracting(Push::nanos).containsExactly(7L);
    }

    @Test
    void aRefusalIsToldOnceAndTriedAgainOnlyWhenWantedAgain() {
        refuses = true;
        feed.want(A, Set.of(EVENTS));
        time.advanceTimeBy(Duration.ofHours(1));
        assertThat(refused).containsExactly("a: no more triggers");

        feed.want(A, Set.of(EVENTS));
        time.advanceTime();
        assertThat(refused).hasSize(2);

        refuses = false;
        feed.want(A, Set.of(EVENTS));
        assertThat(open).containsExactly("a Events");
    }

    @Test
    void afterItsEndNothingIsWanted() {
        feed.want(A, Set.of(EVENTS));
        feed.want(B, Set.of(PRESSURE));

        feed.dispose();
        feed.dispose();
        feed.want(A, Set.of(EVENTS));

        assertThat(open).isEmpty();
    }

    private Flux<Push> pushes(Cgroup cgroup, Set<PushRequest> requests) {
        PushRequest request = requests.iterator().next();
        String name = cgroup.path() + " " + request.getClass().getSimpleName();
        if (refuses) {
            return Flux.error(new PushRefusedException("no more triggers"));
        }
        return kernel.asFlux()
                .filter(push -> push.cgroup().equals(cgroup) && push.request().equals(request))
                .doOnSubscribe(_ -> open.add(name))
                .doFinally(_ -> open.remove(name));
    }
}
