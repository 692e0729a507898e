package dev.tidemark.config;

import dev.tidemark.config.Expectation.Claim;
import dev.tidemark.config.Expectation.Mode;
import dev.tidemark.config.Expectation.Pair;
import dev.tidemark.config.ExpectationKeys.Expected;
import dev.tidemark.config.PolicyTest.Input;
import dev.tidemark.config.PolicyTest.Model;
import dev.tidemark.config.PolicyTest.Script;
import dev.tidemark.config.PolicyTest.ScriptedCgroup;
import dev.tidemark.config.PolicyTestFile.Neighbour;
import dev.tidemark.config.PolicyTestFile.Neighbours;
import dev.tidemark.config.PolicyTestKeys.Draft;
import dev.tidemark.config.PolicyTestKeys.Reference;
import dev.tidemark.config.PolicyTestKeys.Written;
import dev.tidemark.config.Scenario.CgroupSpec;
import dev.tidemark.config.Scenario.WorkloadSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads files of policy tests by {@link PolicyTestKeys}, and brings them together with the files they name. */
final class PolicyTestReader {
    /** The model's, and what {@code 32pages} in a policy that is tested means. */
    private static final int PAGE_SIZE = 4096;

    private final Problems problems;
    private final Neighbours neighbours;
    private final Map<String, Optional<Neighbour>> texts = new HashMap<>();
    private final Set<String> told = new HashSet<>();

    /** Whether what is written can be gone by: otherwise there are stand-ins in it, which fit nothing. */
    private final boolean clean;

    private PolicyTestReader(Problems problems, Neighbours neighbours) {
        this.problems = problems;
        this.neighbours = neighbours;
        this.clean = problems.none();
    }

    static Checked<PolicyTestFile> read(String fileName, String text, Neighbours neighbours) {
        Problems problems = new Problems(new SourceText(fileName, text));
        YamlNode root = YamlReader.read(problems);
        if (root == null) {
            return problems.finish(null);
        }
        FileScope scope = FileScope.of(problems, new HostMemory(1, PAGE_SIZE));
        Written written = PolicyTestKeys.FILE.read(root, "a file of policy tests", scope);
        return problems.finish(new PolicyTestReader(problems, neighbours).file(written));
    }

    private PolicyTestFile file(Written written) {
        Map<String, Span> names = new HashMap<>();
        List<PolicyTest> tests = new ArrayList<>();
        for (Draft draft : written.tests()) {
            Span first = names.putIfAbsent(draft.name(), draft.place());
            if (first != null && !draft.name().isEmpty()) {
                problems.add(
                        draft.place(),
                        "two tests are named %s; the other is in line %d"
                                .formatted(Shown.quoted(draft.name()), first.line()));
            }
            test(draft, written.policies()).ifPresent(tests::add);
        }
        return new PolicyTestFile(tests);
    }

    private Optional<PolicyTest> test(Draft draft, List<Reference> files) {
        Optional<Scenario> scenario = draft.scenario().flatMap(this::scenario);
        long memory = scenario.map(it -> it.host().memoryBytes()).orElse(draft.memoryBytes());
        Optional<PolicyFile> policies = policies(files, new HostMemory(memory, PAGE_SIZE));
        if (policies.isEmpty() || (draft.played() && scenario.isEmpty()) || !clean) {
            return Optional.empty();
        }
        Input input = scenario.<Input>map(Model::new)
                .orElseGet(() -> new Script(
                        draft.memoryBytes(), draft.interval(), draft.cgroups(), draft.host(), draft.kernel()));
        List<String> paths = scenario.map(
                        it -> it.cgroups().stream().map(CgroupSpec::path).toList())
                .orElseGet(
                        () -> draft.cgroups().stream().map(ScriptedCgroup::path).toList());
        List<String> workloads = scenario.stream()
                .flatMap(it -> it.workloads().stream())
                .map(WorkloadSpec::name)
                .toList();
        List<Expectation> expectations = draft.expected().stream()
                .map(expected -> linked(expected, draft, policies.get(), paths, workloads))
                .toList();
        return Optional.of(
                new PolicyTest(draft.name(), draft.place(), policies.get(), input, duration(draft), expectations));
    }

    /** As long as is said, otherwise as what is written lasts and as what is expected speaks of. */
    private static Optional<Duration> duration(Draft draft) {
        if (draft.duration().isPresent() || draft.played()) {
            return draft.duration();
        }
        Duration longest = draft.expected().stream()
                .map(expected -> expected.to().orElse(expected.from()))
                .reduce(Duration.ZERO, PolicyTestReader::later);
        for (ScriptedCgroup cgroup : draft.cgroups()) {
            for (Series series : cgroup.series().values()) {
                longest = later(longest, draft.interval().multipliedBy(series.length()));
            }
            for (PolicyTest.Life life : cgroup.lives()) {
                longest = later(longest, life.gone().orElse(life.appears()));
            }
        }
        for (Series series : draft.host().values()) {
            longest = later(longest, draft.interval().multipliedBy(series.length()));
        }
        return Optional.of(longest);
    }

    private static Duration later(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    private Expectation linked(
            Expected expected, Draft draft, PolicyFile file, List<String> paths, List<String> workloads) {
        Duration last = expected.to().orElse(expected.from());
        if (draft.duration().isPresent() && last.compareTo(draft.duration().get()) > 0) {
            problems.add(
                    expected.place(),
                    "the test is over after " + LiteralText.of(draft.duration().get()));
        }
        List<Policy> policies = policies(expected, file);
        List<String> cgroups = cgroups(expected, policies, paths);
        List<Pair> pairs = policies.stream()
                .flatMap(policy -> cgroups.stream()
                        .filter(path -> named(expected) || policy.selects(path))
                        .map(path -> new Pair(policy.name(), path)))
                .toList();
        checkWatched(expected, paths);
        if (!draft.played()) {
            checkWritten(expected, draft, cgroups);
        }
        checkWorkloads(expected, workloads);
        return new Expectation(
                expected.place(), expected.mode(), expected.from(), expected.to(), pairs, cgroups, expected.claims());
    }

    /** Whether one cgroup is named, not those that are like something. */
    private static boolean named(Expected expected) {
        return expected.cgroup()
                .map(glob -> glob.pattern().chars().noneMatch(c -> "*?[{".indexOf(c) >= 0))
                .orElse(false);
    }

    private List<Policy> policies(Expected expected, PolicyFile file) {
        List<Policy> all = file.policies();
        List<String> names = all.stream().map(Policy::name).distinct().toList();
        if (expected.policy().isPresent()) {
            String name = expected.policy().get();
            List<Policy> found =
                    all.stream().filter(policy -> policy.name().equals(name)).toList();
            if (found.isEmpty()) {
                problems.add(
                        expected.policyPlace(),
                        "there is no policy %s%s".formatted(Shown.quoted(name), Nearest.hint(name, "policies", names)));
            }
            return found;
        }
        boolean each = expected.mode() == Mode.ALWAYS || expected.mode() == Mode.NEVER;
        boolean asksForOne = expected.claims().stream()
                .anyMatch(claim -> !(claim instanceof Claim.Value || claim instanceof Claim.Workload));
        if (names.size() > 1 && !each && asksForOne) {
            problems.add(
                    expected.place(),
                    "of which policy? there are %s; write policy: %s"
                            .formatted(String.join(", ", names), names.getFirst()));
        }
        return all;
    }

    private List<String> cgroups(Expected expected, List<Policy> policies, List<String> paths) {
        if (onHost(expected)) {
            return List.of();
        }
        List<String> actedOn = paths.stream()
                .filter(path -> policies.stream().anyMatch(policy -> policy.selects(path)))
                .toList();
        if (expected.cgroup().isEmpty()) {
            if (actedOn.isEmpty() && !policies.isEmpty()) {
                problems.add(
                        expected.place(),
                        "%s acts on none of this test's cgroups: %s"
                                .formatted(
                                        policies.size() == 1
                                                ? "policy "
                                                        + policies.getFirst().name()
                                                : "no policy",
                                        String.join(", ", paths)));
            }
            return actedOn;
        }
        CgroupGlob glob = expected.cgroup().get();
        List<String> found = paths.stream().filter(glob::matches).toList();
        if (found.isEmpty()) {
            problems.add(
                    expected.cgroupPlace(),
                    "there is no cgroup %s in this test%s"
                            .formatted(Shown.quoted(glob.pattern()), Nearest.hint(glob.pattern(), "cgroups", paths)));
        }
        boolean some = found.stream().anyMatch(actedOn::contains);
        boolean onlySignals = expected.claims().stream().allMatch(Claim.Value.class::isInstance);
        return some && !onlySignals ? found.stream().filter(actedOn::contains).toList() : found;
    }

    private static boolean onHost(Expected expected) {
        return expected.claims().stream()
                .allMatch(claim -> claim instanceof Claim.Workload
                        || (claim instanceof Claim.Value value && value.signal().scope() == Signal.Scope.HOST));
    }

    private void checkWatched(Expected expected, List<String> paths) {
        for (Claim claim : expected.claims()) {
            if (claim instanceof Claim.Decided decided
                    && decided.watched().isPresent()
                    && !paths.contains(decided.watched().get())) {
                String path = decided.watched().get();
                problems.add(
                        decided.place(),
                        "there is no cgroup %s in this test%s"
                                .formatted(Shown.quoted(path), Nearest.hint(path, "cgroups", paths)));
            }
        }
    }

    private void checkWorkloads(Expected expected, List<String> workloads) {
        for (Claim claim : expected.claims()) {
            if (claim instanceof Claim.Workload workload && !workloads.contains(workload.name())) {
                problems.add(
                        workload.place(),
                        workloads.isEmpty()
                                ? "only a scenario has workloads"
                                : "there is no workload %s in the scenario%s"
                                        .formatted(
                                                Shown.quoted(workload.name()),
                                                Nearest.hint(workload.name(), "workloads", workloads)));
            }
        }
    }

    /** Of a signal that has no series nothing can be expected. */
    private void checkWritten(Expected expected, Draft draft, List<String> paths) {
        for (Claim claim : expected.claims()) {
            if (!(claim instanceof Claim.Value value)) {
                continue;
            }
            Signal signal = value.signal();
            boolean host = signal.scope() == Signal.Scope.HOST;
            if (host && !draft.host().containsKey(signal) && !signal.equals(Signal.HOST_TOTAL)) {
                problems.add(value.place(), signal + " has no series under host");
            }
            draft.cgroups().stream()
                    .filter(cgroup -> !host && paths.contains(cgroup.path()))
                    .filter(cgroup -> !cgroup.series().containsKey(signal))
                    .findFirst()
                    .ifPresent(cgroup -> problems.add(
                            value.place(), "%s has no series of %s".formatted(Shown.quoted(cgroup.path()), signal)));
        }
    }

    private Optional<Scenario> scenario(Reference reference) {
        return neighbour(reference).flatMap(file -> valid(Scenario.parse(file.name(), file.text()), file.name()));
    }

    /** All policies of all files. */
    private Optional<PolicyFile> policies(List<Reference> files, HostMemory host) {
        Map<String, String> names = new HashMap<>();
        List<Policy> policies = new ArrayList<>();
        Workqueue workqueue = Workqueue.DEFAULT;
        Budget budget = Budget.UNLIMITED;
        for (Reference reference : files) {
            Optional<PolicyFile> file = neighbour(reference)
                    .flatMap(text -> valid(Analysis.parse(text.name(), text.text(), host), text.name()))
                    .map(Analysis.Result::file);
            if (file.isEmpty()) {
                return Optional.empty();
            }
            if (policies.isEmpty()) {
                workqueue = file.get().workqueue();
                budget = file.get().budget();
            }
            for (Policy policy : file.get().policies()) {
                String first = names.putIfAbsent(policy.name(), reference.path());
                if (first != null && told.add(policy.name() + '\n' + reference.path())) {
                    problems.add(
                            reference.place(),
                            "its policy %s has the name of one in %s"
                                    .formatted(Shown.quoted(policy.name()), Shown.line(first)));
                }
                policies.add(policy);
            }
        }
        return policies.isEmpty() ? Optional.empty() : Optional.of(new PolicyFile(policies, workqueue, budget));
    }

    /** What was read, or nothing once its problems have been told. */
    private <T> Optional<T> valid(Checked<T> checked, String name) {
        return switch (checked) {
            case Checked.Valid<T>(T value) -> Optional.of(value);
            case Checked.Invalid<T>(List<Problem> wrong) -> {
                if (told.add(name)) {
                    problems.addOthers(wrong);
                }
                yield Optional.empty();
            }
        };
    }

    private Optional<Neighbour> neighbour(Reference reference) {
        if (reference.path().isBlank()) {
            return Optional.empty();
        }
        return texts.computeIfAbsent(reference.path(), path -> {
            try {
                return Optional.of(neighbours.read(path));
            } catch (IOException e) {
                String reason = Shown.line(String.valueOf(e.getMessage()));
                problems.add(reference.place(), "%s: %s".formatted(Shown.line(path), reason));
                return Optional.empty();
            }
        });
    }
}
