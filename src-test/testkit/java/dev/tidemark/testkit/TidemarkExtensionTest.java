package dev.tidemark.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** What the extension hands out and when it lets go of it: of classes that are tests only when they are run from here. */
class TidemarkExtensionTest {

    private static final String SCENARIO = """
            version: 1
            duration: 10s
            host: { memory: 1GiB }
            cgroups: [ { path: a, max: 64MiB } ]
            workloads:
              - { cgroup: a, name: a, steps: [ { allocate: { name: heap, size: 32MiB, rate: 8MiB/s } } ] }
            """;

    private static final String POLICY = """
            version: 1
            policies:
              - { name: first, cgroups: [a], start: usage > 16MiB, stop: usage < 8MiB }
            """;

    private static final String OTHER = """
            version: 1
            policies:
              - { name: second, cgroups: [a], start: usage > 16MiB, stop: usage < 8MiB }
            """;

    /** Every run that was handed to one of the classes below. */
    private static final Queue<Run> HANDED = new ConcurrentLinkedQueue<>();

    private static final Map<String, List<String>> TIMELINES = new ConcurrentHashMap<>();

    private static TestExecutionSummary executed(Class<?> test, Map<String, String> parameters) {
        HANDED.clear();
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(test))
                .configurationParameters(parameters)
                .build();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, listener);
        return listener.getSummary();
    }

    private static void allPass(Class<?> test, int tests) {
        TestExecutionSummary summary = executed(test, Map.of());

        assertThat(summary.getFailures())
                .extracting(failure -> failure.getException().toString())
                .isEmpty();
        assertThat(summary.getTestsSucceededCount()).isEqualTo(tests);
    }

    private static void failsWith(Class<?> test, String message) {
        TestExecutionSummary summary = executed(test, Map.of());

        assertThat(summary.getFailures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.getException()).hasMessageContaining(message));
    }

    @OnScenario(SCENARIO)
    @WithPolicies(POLICY)
    @Tag("inner")
    static class NearestCounts {
        @Test
        void theClassSays(Run run) {
            HANDED.add(run);
            assertThat(run.policies()).containsExactly("first");
        }

        @Test
        @WithPolicies(OTHER)
        void theMethodSaysOtherwise(Run run, @WithPolicies(POLICY) Run first, @WithoutPolicies Run alone) {
            HANDED.addAll(List.of(run, first, alone));
            assertThat(run.policies()).containsExactly("second");
            assertThat(first.policies()).containsExactly("first");
            assertThat(alone.hasAgent()).isFalse();
        }

        @Test
        @Both
        void anAnnotationOfTheUsersOwnSaysBoth(Run run) {
            HANDED.add(run);
            assertThat(run.policies()).containsExactly("second");
        }

        @Nested
        @WithoutPolicies
        class InANestedClass {
            @Test
            void theEnclosingClassSaysTheScenario(Run run) {
                HANDED.add(run);
                assertThat(run.hasAgent()).isFalse();
                assertThat(run.workload("a").name()).isEqualTo("a");
            }
        }
    }

    @OnScenario(SCENARIO)
    @WithPolicies(OTHER)
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @interface Both {}

    @Test
    void theNearestCountsAndAllAreClosedAfterwards() {
        allPass(NearestCounts.class, 4);

        assertThat(HANDED).hasSize(6);
        assertThat(HANDED)
                .allSatisfy(run -> assertThatThrownBy(() -> run.advance("1s"))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("the run is closed"));
    }

    @OnScenario(SCENARIO)
    static class Shared {
        private final Queue<Run> before = new ConcurrentLinkedQueue<>();

        @BeforeEach
        void prepare(Run run, Run second) {
            before.add(run.until("1s"));
            before.add(second.until("2s"));
        }

        @Test
        void goesOnWithWhatWasPrepared(Run run, Run second, Run third, @WithPolicies(POLICY) Run other) {
            HANDED.addAll(List.of(run, second, third, other));
            assertThat(before).containsExactly(run, second).doesNotContain(third, other);
            assertThat(third.now()).isZero();
        }

        @Test
        void inEachTestAnew(Run run) {
            assertThat(HANDED).doesNotContain(run);
            assertThat(run.now()).hasSeconds(1);
        }
    }

    @Test
    void whatRunsBeforeATestSharesItsRuns() {
        allPass(Shared.class, 2);
    }

    @OnScenario(SCENARIO)
    static class Several {
        @Test
        void areMadeAsTheTestGoes(Runs runs) {
            Run alone = runs.withoutPolicies();
            Run with = runs.with(Policies.yaml(POLICY));
            Run other = runs.on(Scenarios.host("1GiB")
                            .workload("b", "b")
                            .sleeps("1s")
                            .lasts("2s")
                            .scenario())
                    .withoutPolicies();
            HANDED.addAll(List.of(alone, with, other));
            assertThat(other.workload("b").cgroup()).isEqualTo("b");
        }
    }

    @Test
    void theRunsOfATestAreClosedWithIt() {
        allPass(Several.class, 1);

        assertThat(HANDED)
                .hasSize(3)
                .allSatisfy(run -> assertThatThrownBy(() -> run.advance("1s")).hasMessage("the run is closed"));
    }

    static class Registered {
        @RegisterExtension
        static final TidemarkExtension tidemark =
                TidemarkExtension.on(Scenarios.yaml(SCENARIO)).with(Policies.yaml(POLICY));

        @Test
        void byAField(Run run) {
            assertThat(run.policies()).containsExactly("first");
        }

        @Test
        void unlessTheTestSaysOtherwise(@WithPolicies(OTHER) Run run, @WithoutPolicies Run alone) {
            assertThat(run.policies()).containsExactly("second");
            assertThat(alone.hasAgent()).isFalse();
        }
    }

    @Test
    void aRegisteredExtensionSaysWhatTheTestDoesNot() {
        allPass(Registered.class, 2);
    }

    static class FromElsewhere {
        @Test
        @OnScenario(file = "../policies/watermark.scenario.yaml")
        @WithPolicies(resource = "/policies/watermark.yaml")
        void filesAndResources(Run run) {
            assertThat(run.policies()).containsExactly("watermark");
        }
    }

    @Test
    void scenariosAndPoliciesComeFromFilesAndResources() {
        allPass(FromElsewhere.class, 1);
    }

    @ExtendWith(TidemarkExtension.class)
    static class NoScenario {
        @Test
        void test(Run run) {}
    }

    @OnScenario(value = SCENARIO, file = "scenario.yaml")
    static class TwoSources {
        @Test
        void test(Run run) {}
    }

    @OnScenario
    static class NoSource {
        @Test
        void test(Run run) {}
    }

    @OnScenario(resource = "missing.yaml")
    static class NoResource {
        @Test
        void test(Run run) {}
    }

    @OnScenario(SCENARIO)
    @WithPolicies("version: 1")
    static class BadPolicy {
        @Test
        void test(Run run) {}
    }

    @OnScenario(SCENARIO)
    @WithPolicies("""
            version: 1
            policies:
              - { name: first, cgroups: [a], start: usage > 16MiB and usage < 8MiB, stop: usage < 8MiB }
            """)
    static class HopelessPolicy {
        @Test
        void test(Run run) {}
    }

    @OnScenario(SCENARIO)
    @WithPolicies(POLICY)
    @WithoutPolicies
    static class Contradiction {
        @Test
        void test(Run run) {}
    }

    @OnScenario(SCENARIO)
    static class TooEarly {
        @BeforeAll
        static void prepare(Run run) {}

        @Test
        void test() {}
    }

    @ExtendWith(TidemarkExtension.class)
    static class RunsWithoutScenario {
        @Test
        void test(Runs runs) {
            runs.withoutPolicies();
        }
    }

    @Test
    void whatIsMissingOrWrongIsTold() {
        failsWith(
                NoScenario.class, "of which scenario? Annotate the parameter, the test or its class with @OnScenario");
        failsWith(TwoSources.class, "@OnScenario has a text, a file or a resource, one of the three; this one has 2");
        failsWith(NoSource.class, "@OnScenario has a text, a file or a resource, one of the three; this one has none");
        failsWith(NoResource.class, "there is no resource missing.yaml beside " + NoResource.class.getName());
        failsWith(BadPolicy.class, "policy.yaml:1:1: ");
        failsWith(HopelessPolicy.class, "START can never hold");
        failsWith(Contradiction.class, "is both @WithPolicies and @WithoutPolicies");
        failsWith(
                TooEarly.class,
                "a run belongs to one test: ask for it in a test method or in one that is called before");
        failsWith(RunsWithoutScenario.class, "the test has no scenario: annotate it with @OnScenario");
    }

    @OnScenario(resource = "/policies/watermark.scenario.yaml")
    @WithPolicies(resource = "/policies/watermark.yaml")
    static class InParallel {
        @RepeatedTest(8)
        void test(Run run) {
            run.until("6s");
            TIMELINES.put(
                    Thread.currentThread().getName() + " " + TIMELINES.size(),
                    run.timeline().lines().toList());
        }
    }

    @Test
    void testsThatRunInParallelAreTheSameAsAnyOther() {
        TIMELINES.clear();
        TestExecutionSummary summary = executed(
                InParallel.class,
                Map.of(
                        "junit.jupiter.execution.parallel.enabled", "true",
                        "junit.jupiter.execution.parallel.mode.default", "concurrent",
                        "junit.jupiter.execution.parallel.config.strategy", "fixed",
                        "junit.jupiter.execution.parallel.config.fixed.parallelism", "4"));

        assertThat(summary.getTestsSucceededCount()).isEqualTo(8);
        assertThat(TIMELINES.values()).hasSizeGreaterThan(1);
        assertThat(TIMELINES.values().stream().distinct())
                .singleElement()
                .satisfies(lines -> assertThat(lines).hasSizeGreaterThan(5));
    }
}
