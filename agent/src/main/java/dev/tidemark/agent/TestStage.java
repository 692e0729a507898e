package dev.tidemark.agent;

import dev.tidemark.agent.test.ScriptedKernel;
import dev.tidemark.agent.test.Stage;
import dev.tidemark.config.Policy;
import dev.tidemark.config.PolicyTest;
import dev.tidemark.reclaim.ReclaimEvent;
import dev.tidemark.reclaim.model.VirtualTime;
import dev.tidemark.reclaim.model.WorkloadReport;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.SignalReader;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/** The agent as it runs on a host, on what a policy test has instead of one. */
final class TestStage {

    private TestStage() {}

    /**
     * @param complaints takes lines about what went wrong with a cgroup
     */
    static Stage of(PolicyTest test, Consumer<String> complaints) {
        return switch (test.input()) {
            case PolicyTest.Script script -> new Scripted(test, script, complaints);
            case PolicyTest.Model(var scenario) ->
                new Played(Simulation.withAgent(scenario, test.policies(), complaints));
        };
    }

    private static final class Scripted implements Stage {
        private final VirtualTime time = new VirtualTime();
        private final ScriptedKernel kernel;
        private final Agent agent;

        private Scripted(PolicyTest test, PolicyTest.Script script, Consumer<String> complaints) {
            kernel = new ScriptedKernel(script, time);
            agent = new Agent(test.policies(), kernel, AgentSchedulers.all(time), ChargeFeed.NONE, complaints);
        }

        @Override
        public Flux<Decision> decisions() {
            return agent.decisions();
        }

        @Override
        public Flux<ReclaimEvent> reclaims() {
            return agent.reclaims();
        }

        @Override
        public void start() {
            agent.start().subscribe();
            time.advance(Duration.ZERO);
        }

        @Override
        public void advanceTo(Duration to) {
            time.advance(Duration.ofNanos(Math.max(0, to.toNanos() - time.now(TimeUnit.NANOSECONDS))));
        }

        @Override
        public boolean running() {
            return false;
        }

        @Override
        public Optional<Cgroup> cgroup(String path) {
            return kernel.cgroup(path);
        }

        @Override
        public SignalReader reader() {
            return kernel;
        }

        @Override
        public Optional<String> standing(Cgroup cgroup, Policy policy) {
            AtomicReference<@Nullable String> standing = new AtomicReference<>();
            agent.stand(cgroup, policy).map(Agent.Stand::told).subscribe(standing::set);
            time.advance(Duration.ZERO);
            return Optional.ofNullable(standing.get());
        }

        @Override
        public int pageSize() {
            return kernel.pageSize();
        }

        @Override
        public List<WorkloadReport> workloads() {
            return List.of();
        }

        @Override
        public Map<String, Set<String>> unwritten() {
            return kernel.unwritten();
        }

        @Override
        public void close() {
            agent.stop().subscribe();
            time.advance(Duration.ofSeconds(1));
            kernel.close();
            time.dispose();
        }
    }

    private static final class Played implements Stage {
        private final Simulation host;
        private boolean running = true;

        private Played(Simulation host) {
            this.host = host;
        }

        @Override
        public Flux<Decision> decisions() {
            return host.decisions();
        }

        @Override
        public Flux<ReclaimEvent> reclaims() {
            return host.reclaims();
        }

        @Override
        public void start() {
            host.start();
        }

        @Override
        public void advanceTo(Duration to) {
            Duration left = to.minus(host.now());
            running = host.advance(left.isNegative() ? Duration.ZERO : left);
        }

        @Override
        public boolean running() {
            return running;
        }

        @Override
        public Optional<Cgroup> cgroup(String path) {
            return host.model().cgroup(path);
        }

        @Override
        public SignalReader reader() {
            return host.model();
        }

        @Override
        public Optional<String> standing(Cgroup cgroup, Policy policy) {
            AtomicReference<@Nullable String> standing = new AtomicReference<>();
            host.agent()
                    .ifPresent(agent ->
                            agent.stand(cgroup, policy).map(Agent.Stand::told).subscribe(standing::set));
            running = host.advance(Duration.ZERO);
            return Optional.ofNullable(standing.get());
        }

        @Override
        public int pageSize() {
            return host.model().pageSize();
        }

        @Override
        public List<WorkloadReport> workloads() {
            return host.workloads();
        }

        @Override
        public Map<String, Set<String>> unwritten() {
            return Map.of();
        }

        @Override
        public void close() {
            host.close();
        }
    }
}
