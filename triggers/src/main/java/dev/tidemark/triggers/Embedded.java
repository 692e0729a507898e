package dev.tidemark.triggers;

import dev.tidemark.config.Policy;
import java.util.List;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;

/** The engine for programs that have no use for the rest of the agent. */
final class Embedded {

    private Embedded() {}

    static Flux<Decision> decide(List<Policy> policies, Flux<Sample> samples, Scheduler core) {
        return Flux.create(sink -> {
            TriggerEngine engine = new TriggerEngine(policies, core);
            Disposable.Composite all = Disposables.composite();
            sink.onDispose(all);
            all.add(engine::close);
            all.add(engine.decisions()
                    .subscribe(
                            decision -> {
                                sink.next(decision);
                                if (decision.to() == TriggerState.STOPPING) {
                                    engine.drained(decision.cgroup(), decision.policy());
                                }
                            },
                            sink::error));
            all.add(samples.publishOn(core)
                    .subscribe(
                            sample -> {
                                engine.appeared(sample.cgroup(), sample.nanos());
                                engine.sample(sample);
                            },
                            sink::error,
                            sink::complete));
        });
    }
}
