package dev.tidemark.config;

import dev.tidemark.config.Scenario.HostSpec;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads scenario files: which keys there are, what they hold and what holds between them. */
final class ScenarioReader {
    static final Duration MAX_DURATION = Duration.ofDays(366);

    private final Problems problems;

    private ScenarioReader(Problems problems) {
        this.problems = problems;
    }

    static Checked<Scenario> read(String fileName, String text) {
        Problems problems = new Problems(new SourceText(fileName, text));
        @Nullable YamlNode root = YamlReader.read(problems);
        return problems.finish(root == null ? null : new ScenarioReader(problems).scenario(root));
    }

    private Scenario scenario(YamlNode node) {
        Fields fields = Fields.of(
                node, problems, "a scenario", List.of("version", "seed", "duration", "host", "cgroups", "workloads"));
        Values plain = new Values(problems, new HostMemory(1, HostReader.PAGE_SIZE));
        fields.required("version", plain::version, 1L);
        HostSpec host = fields.required("host", new HostReader(problems)::host, HostReader.STAND_IN);
        Values values = new Values(problems, new HostMemory(host.memoryBytes(), HostReader.PAGE_SIZE));
        CgroupReader cgroups = new CgroupReader(problems, values);
        WorkloadReader workloads = new WorkloadReader(problems, values, cgroups);
        Scenario scenario = new Scenario(
                host,
                fields.optional("seed", it -> values.whole(it, "seed", Long.MIN_VALUE, Long.MAX_VALUE), 1L),
                fields.required(
                        "duration",
                        it -> values.duration(it, "duration", Duration.ofMillis(1), MAX_DURATION),
                        MAX_DURATION),
                fields.required(
                        "cgroups",
                        it -> Fields.someOf(it, problems, "cgroups", cgroups::cgroups).stream()
                                .flatMap(List::stream)
                                .toList(),
                        List.of()),
                fields.required(
                        "workloads",
                        it -> Fields.someOf(it, problems, "workloads", workloads::workloads).stream()
                                .flatMap(List::stream)
                                .toList(),
                        List.of()));
        workloads.checkFiles();
        return scenario;
    }
}
