package dev.tidemark.config;

import dev.tidemark.config.Scenario.CgroupSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Reads the cgroups of a scenario, and knows which there are. */
final class CgroupReader {
    private static final int MAX_COUNT = 10_000;

    private final Problems problems;
    private final Values values;
    /** Where each path is listed, and of one for several where that is. */
    private final Map<String, YamlNode> places = new HashMap<>();
    /** By how the file calls them: one, or the several of a count. */
    private final Map<String, List<String>> paths = new LinkedHashMap<>();

    CgroupReader(Problems problems, Values values) {
        this.problems = problems;
        this.values = values;
    }

    /** One cgroup, or as many as its count says. */
    List<CgroupSpec> cgroups(YamlNode node) {
        Fields fields = Fields.of(
                node, problems, "a cgroup", List.of("path", "count", "max", "high", "low", "min", "swap_max"));
        int count = fields.optional("count", it -> (int) values.whole(it, "count", 1, MAX_COUNT), 1);
        String path = fields.required("path", values::path, "");
        CgroupSpec spec = new CgroupSpec(
                path,
                fields.optional("max", it -> values.bytesOrMax(it, "max", 0), Long.MAX_VALUE),
                fields.optional("high", it -> values.bytesOrMax(it, "high", 0), Long.MAX_VALUE),
                fields.optional("low", it -> values.bytesOrMax(it, "low", 0), 0L),
                fields.optional("min", it -> values.bytesOrMax(it, "min", 0), 0L),
                fields.optional("swap_max", it -> values.bytesOrMax(it, "swap_max", 0), Long.MAX_VALUE));
        if (path.isEmpty()) {
            return List.of(spec);
        }
        YamlNode place = Objects.requireNonNull(fields.node("path"));
        boolean numbered = path.contains(Numbered.MARK);
        if (numbered != fields.has("count")) {
            paths.put(path, List.of(path));
            problems.add(
                    place,
                    numbered
                            ? "the # in %s stands for a number; say how many there are with count"
                                    .formatted(Shown.quoted(path))
                            : "several cgroups need a # in their path, which stands for their number");
            return List.of(spec);
        }
        List<CgroupSpec> specs = new ArrayList<>();
        for (int number = 1; number <= count; number++) {
            String one = Numbered.name(path, number);
            YamlNode first = places.putIfAbsent(one, place);
            if (first != null) {
                problems.add(
                        place,
                        "the cgroup %s is here twice; it is already in line %d"
                                .formatted(Shown.quoted(one), problems.source().line(first.start())));
                break;
            }
            specs.add(new CgroupSpec(
                    one, spec.maxBytes(), spec.highBytes(), spec.lowBytes(), spec.minBytes(), spec.swapMaxBytes()));
            paths.put(one, List.of(one));
        }
        paths.putIfAbsent(path, specs.stream().map(CgroupSpec::path).toList());
        return specs;
    }

    /** The cgroup or cgroups that are meant; what is not listed is a problem, and none. */
    List<String> listed(YamlNode node) {
        String path = values.path(node);
        List<String> meant = paths.get(path);
        if (meant != null) {
            return meant;
        }
        if (!path.isEmpty()) {
            problems.add(
                    node,
                    "the cgroup %s is not listed under cgroups%s"
                            .formatted(Shown.quoted(path), Nearest.hint(path, "listed", paths.keySet())));
        }
        return List.of();
    }

    /** The one cgroup that is meant, empty where there is a problem. */
    String listedOne(YamlNode node) {
        List<String> meant = listed(node);
        if (meant.size() > 1) {
            problems.add(node, "here is one cgroup, but %d are meant".formatted(meant.size()));
        }
        return meant.isEmpty() ? "" : meant.getFirst();
    }
}
