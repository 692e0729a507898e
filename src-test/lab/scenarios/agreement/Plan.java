import dev.tidemark.config.Checked;
import dev.tidemark.config.Problem;
import dev.tidemark.config.Scenario;
import dev.tidemark.config.Scenario.Access;
import dev.tidemark.config.Scenario.CgroupSpec;
import dev.tidemark.config.Scenario.Step;
import dev.tidemark.config.Scenario.WorkloadSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes of each scenario in a folder a plan that the guest's {@code play} understands: {@code NAME.yaml} becomes {@code NAME.plan}. */
public final class Plan {

    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;
    private static final int ANONYMOUS_ONLY = 201;

    private final StringBuilder lines = new StringBuilder();

    private Plan() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
        }
        for (Path file : files) {
            Checked<Scenario> read = Scenario.parse(file.toString(), Files.readString(file));
            Scenario scenario =
                    switch (read) {
                        case Checked.Valid<Scenario>(Scenario valid) -> valid;
                        case Checked.Invalid<Scenario>(List<Problem> problems) ->
                            throw new IllegalArgumentException(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
                    };
            Path plan = Path.of(file.toString().replaceAll("yaml$", "plan"));
            Files.writeString(plan, new Plan().of(scenario));
        }
    }

    private String of(Scenario scenario) {
        line("duration", scenario.duration().toNanos());
        line("swap", scenario.host().swap().bytes());
        for (CgroupSpec cgroup : scenario.cgroups()) {
            line(
                    "cgroup",
                    cgroup.path(),
                    bytes(cgroup.maxBytes()),
                    bytes(cgroup.highBytes()),
                    bytes(cgroup.lowBytes()),
                    bytes(cgroup.minBytes()),
                    bytes(cgroup.swapMaxBytes()));
        }
        long seed = scenario.seed();
        int process = 0;
        for (WorkloadSpec workload : scenario.workloads()) {
            seed += GOLDEN_GAMMA;
            line(
                    "workload",
                    workload.name(),
                    workload.cgroup(),
                    workload.start().toNanos(),
                    workload.stops() ? workload.stop().toNanos() : 0,
                    workload.repeat(),
                    process++ % scenario.host().cpus(),
                    Long.toUnsignedString(~mix64(seed)));
            workload.steps().forEach(this::step);
        }
        return lines.toString();
    }

    private void step(Step step) {
        switch (step) {
            case Step.Write write -> line("write", write.file(), written(write.bytes(), write.bytesPerSecond(), write.chunkBytes()));
            case Step.Append append -> line("append", append.file(), written(append.bytes(), append.bytesPerSecond(), append.chunkBytes()));
            case Step.Sync sync -> line("sync", sync.file());
            case Step.Read read ->
                line("read", read.file(), "via=" + read.via().name().toLowerCase(Locale.ROOT), access(read.access()));
            case Step.Allocate allocate -> line("allocate", allocate.name(), "bytes=" + allocate.bytes(), rate(allocate.bytesPerSecond()));
            case Step.Grow grow -> line("grow", grow.name(), "bytes=" + grow.bytes(), rate(grow.bytesPerSecond()));
            case Step.Touch touch -> line("touch", touch.name(), access(touch.access()));
            case Step.Free free -> line("free", free.name());
            case Step.Remove remove -> line("remove", remove.file());
            case Step.Sleep sleep -> line("sleep", "-", "from=" + sleep.least().toNanos(), "to=" + sleep.most().toNanos());
            case Step.Reclaim reclaim -> line("reclaim", reclaim.cgroup(), "bytes=" + reclaim.bytes(), swappiness(reclaim.swappiness()));
            case Step.Repeat repeat -> {
                line(
                        "repeat",
                        "-",
                        repeat.times() == Integer.MAX_VALUE ? "" : "times=" + repeat.times(),
                        repeat.ends() ? "for=" + repeat.duration().toNanos() : "",
                        "every=" + repeat.period().toNanos());
                repeat.steps().forEach(this::step);
                line("end", "-");
            }
        }
    }

    private static String written(long bytes, double rate, long chunk) {
        return "bytes=" + bytes + " chunk=" + chunk + " " + rate(rate);
    }

    private static String access(Access access) {
        return String.join(
                " ",
                access.windowBytes() == Access.WHOLE ? "" : "window=" + access.windowBytes(),
                access.shiftBytes() == Access.WHOLE ? "" : "shift=" + access.shiftBytes(),
                "pattern=" + access.order().name().toLowerCase(Locale.ROOT),
                access.times() == Integer.MAX_VALUE ? "" : "times=" + access.times(),
                access.dwells() ? "for=" + access.dwell().toNanos() : "",
                rate(access.bytesPerSecond()));
    }

    private static String rate(double bytesPerSecond) {
        return Double.isInfinite(bytesPerSecond) ? "" : "rate=" + bytesPerSecond;
    }

    private static String swappiness(int swappiness) {
        return swappiness < 0 ? "" : "swappiness=" + (swappiness == ANONYMOUS_ONLY ? "max" : swappiness);
    }

    /** The finalizer of SplitMix64. */
    private static long mix64(long seed) {
        long z = seed;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    private void line(Object... words) {
        for (Object word : words) {
            lines.append(word).append(' ');
        }
        lines.append('\n');
    }

    private static String bytes(long bytes) {
        return bytes == Long.MAX_VALUE ? "max" : Long.toString(bytes);
    }
}
