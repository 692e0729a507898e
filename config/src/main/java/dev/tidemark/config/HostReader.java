package dev.tidemark.config;

import dev.tidemark.config.Scenario.DiskSpec;
import dev.tidemark.config.Scenario.HostSpec;
import dev.tidemark.config.Scenario.Lru;
import dev.tidemark.config.Scenario.SwapKind;
import dev.tidemark.config.Scenario.SwapSpec;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the host of a scenario. */
final class HostReader {
    /** The model's pages. */
    static final int PAGE_SIZE = 4096;

    private static final long MIN_MEMORY = 1L << 20;
    private static final int MAX_CPUS = 4096;
    private static final Duration MAX_LATENCY = Duration.ofSeconds(10);
    private static final double MAX_RATIO = 64;
    private static final long MAX_READAHEAD = 1L << 30;

    static final HostSpec STAND_IN = new HostSpec(MIN_MEMORY, 1, 0);

    private final Problems problems;
    private final Values values;

    HostReader(Problems problems) {
        this.problems = problems;
        // A share of the host's memory has no meaning yet: sizes are given as such.
        values = new Values(problems, new HostMemory(1, PAGE_SIZE));
    }

    HostSpec host(YamlNode node) {
        Fields fields = Fields.of(
                node, problems, "host", List.of("memory", "cpus", "swap", "kernel", "lru", "swappiness", "disk"));
        return new HostSpec(
                fields.required("memory", it -> values.bytes(it, "memory", MIN_MEMORY, Long.MAX_VALUE), MIN_MEMORY),
                fields.optional("cpus", it -> (int) values.whole(it, "cpus", 1, MAX_CPUS), 1),
                fields.optional("swap", this::swap, SwapSpec.of(0)),
                fields.optional("kernel", this::kernel, KernelSeries.NEWEST),
                fields.optional("lru", it -> oneOf(it, "lru", Lru.values()), Lru.CLASSIC),
                fields.optional(
                        "swappiness", it -> (int) values.whole(it, "swappiness", 0, 200), HostSpec.DEFAULT_SWAPPINESS),
                fields.optional("disk", this::disk, DiskSpec.DEFAULT));
    }

    private KernelSeries kernel(YamlNode node) {
        return KernelSeries.of(values.word(node, "kernel", KernelSeries.versions()));
    }

    /** A size, which is zram's, or a mapping. */
    private SwapSpec swap(YamlNode node) {
        if (!(node instanceof YamlNode.Mapping)) {
            return SwapSpec.of(values.bytesOrMax(node, "swap", 0));
        }
        Fields fields = Fields.of(node, problems, "swap", List.of("kind", "size", "ratio", "out", "in", "pool"));
        SwapKind kind = fields.required("kind", it -> oneOf(it, "kind of swap", SwapKind.values()), SwapKind.ZRAM);
        if (kind == SwapKind.DISK) {
            without(fields, kind, List.of("ratio", "out", "in"));
        }
        if (kind != SwapKind.ZSWAP) {
            without(fields, kind, List.of("pool"));
        }
        return new SwapSpec(
                kind,
                fields.required("size", it -> values.bytesOrMax(it, "size", 0), 0L),
                fields.optional("ratio", it -> values.number(it, "ratio", 1, MAX_RATIO), SwapSpec.DEFAULT_RATIO),
                fields.optional("out", it -> latency(it, "out"), SwapSpec.DEFAULT_OUT),
                fields.optional("in", it -> latency(it, "in"), SwapSpec.DEFAULT_IN),
                fields.optional("pool", it -> values.share(it, "pool"), SwapSpec.DEFAULT_POOL));
    }

    private void without(Fields fields, SwapKind kind, List<String> keys) {
        for (String key : keys) {
            @Nullable YamlNode value = fields.node(key);
            if (value != null) {
                problems.add(value, "swap of kind %s has no %s".formatted(word(kind), key));
            }
        }
    }

    private DiskSpec disk(YamlNode node) {
        Fields fields = Fields.of(node, problems, "disk", List.of("read", "write", "latency", "readahead"));
        DiskSpec standard = DiskSpec.DEFAULT;
        return new DiskSpec(
                fields.optional("read", it -> values.byteRate(it, "read"), standard.readBytesPerSecond()),
                fields.optional("write", it -> values.byteRate(it, "write"), standard.writeBytesPerSecond()),
                fields.optional("latency", it -> latency(it, "latency"), standard.latency()),
                fields.optional(
                        "readahead",
                        it -> values.bytes(it, "readahead", PAGE_SIZE, MAX_READAHEAD),
                        standard.readaheadBytes()));
    }

    private Duration latency(YamlNode node, String what) {
        return values.duration(node, what, Duration.ZERO, MAX_LATENCY);
    }

    private <E extends Enum<E>> E oneOf(YamlNode node, String what, E[] all) {
        List<String> words = Stream.of(all).map(HostReader::word).toList();
        return all[words.indexOf(values.word(node, what, words))];
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
