import dev.tidemark.agent.Simulation;
import dev.tidemark.config.Checked;
import dev.tidemark.config.KernelSeries;
import dev.tidemark.config.Scenario;
import dev.tidemark.config.Scenario.DiskSpec;
import dev.tidemark.config.Scenario.HostSpec;
import dev.tidemark.config.Scenario.Lru;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ReclaimResult.Outcome;
import dev.tidemark.reclaim.model.MemoryModel;
import dev.tidemark.reclaim.model.MemoryModel.Request;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.SignalSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Holds the model against real kernels: {@code java Agreement.java SCENARIOS MEASURED OUT}. SCENARIOS has a {@code NAME.yaml} for each
 * scenario, MEASURED a file {@code KERNEL-LRU.results} for each kernel and engine of reclaim with what its guest reported. Plays
 * each scenario in the model three times, prints tables and writes each figure to {@code OUT/agreement.tsv}. Ends with 0 when all
 * signs are the same and on the classic lists of 6.1 four scenarios of five agree, with 1 when not.
 */
public final class Agreement {

    /** By how much a count may differ. */
    private static final double TOLERANCE = 0.25;
    /** As often each was played on the kernels; the model's seed differs, and with it when within their 2 s counts are summed up. */
    private static final int RUNS = 3;
    /** What the guest samples pressure with, and above which share of that time it counts. */
    private static final Duration SAMPLE = Duration.ofMillis(100);

    private static final double ABOVE = 0.01;

    private Agreement() {}

    /**
     * One figure that is compared.
     *
     * @param keys of the guest's lines; their values are added up
     * @param grain a difference up to this is none: one batch of pages, one event
     * @param weight what it counts for
     */
    private enum Figure {
        MAX("max", List.of("max"), 1, Weight.COUNT),
        HIGH("high", List.of("high"), 1, Weight.COUNT),
        SCANNED("scanned", List.of("pgscan"), 64, Weight.COUNT),
        STOLEN("stolen", List.of("pgsteal"), 64, Weight.COUNT),
        REFAULTS("refaults", List.of("workingset_refault_anon", "workingset_refault_file"), 64, Weight.COUNT),
        KILLS("kills", List.of("oom_kill"), 0, Weight.COUNT),
        AGAIN("EAGAIN", List.of("again"), 0, Weight.COUNT),
        PRESSED("ms over 1 %", List.of("above_ms"), 100, Weight.SIGN),
        STALLED("stalled us", List.of("some_us"), 0, Weight.NONE);

        final String title;
        final List<String> keys;
        final double grain;
        final Weight weight;

        Figure(String title, List<String> keys, double grain, Weight weight) {
            this.title = title;
            this.keys = keys;
            this.grain = grain;
            this.weight = weight;
        }

        static Stream<Figure> shown() {
            return Arrays.stream(values()).filter(figure -> figure.weight != Weight.NONE);
        }

        double of(Map<String, String> line) {
            return keys.stream()
                    .mapToDouble(key -> Double.parseDouble(line.getOrDefault(key, "0")))
                    .sum();
        }
    }

    private enum Weight {
        /** Has to be within the tolerance. */
        COUNT,
        /** Has to be there where the kernel has it, and only there. */
        SIGN,
        /** Told, no more: time on emulated processors is not that of a real one. */
        NONE
    }

    /** Where a figure was taken. */
    private record Place(String scenario, String cgroup) {}

    /** @param figures by cgroup, those of one in the order of {@link Figure} */
    private record Played(Map<String, double[]> figures, List<Request> requests) {}

    private record Spread(double median, double least, double most) {

        static Spread of(List<Double> values) {
            double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            int middle = sorted.length / 2;
            double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
            return new Spread(median, sorted[0], sorted[sorted.length - 1]);
        }

        String text() {
            return least == most ? plain(median) : plain(median) + " (" + plain(least) + ".." + plain(most) + ")";
        }
    }

    private enum Verdict {
        SAME,
        FAR,
        SIGN;

        static Verdict of(Figure figure, Spread real, double model) {
            double difference = Math.abs(model - real.median);
            if (figure.weight == Weight.NONE || difference <= figure.grain || (model >= real.least && model <= real.most)) {
                return SAME;
            }
            if ((real.median > 0) != (model > 0)) {
                return SIGN;
            }
            return figure.weight == Weight.SIGN || difference <= TOLERANCE * real.median ? SAME : FAR;
        }
    }

    private record Compared(Place place, Figure figure, Spread real, double model, Verdict verdict) {

        String ratio() {
            return real.median == 0 ? "-" : String.format(Locale.ROOT, "%.2f", model / real.median);
        }

        String text() {
            if (real.median == 0 && model == 0) {
                return "0";
            }
            String mark =
                    switch (verdict) {
                        case SAME -> "";
                        case FAR -> " **" + ratio() + "**";
                        case SIGN -> " **SIGN**";
                    };
            return real.text() + " : " + plain(model) + mark;
        }
    }

    public static void main(String[] arguments) throws IOException {
        Path scenarios = Path.of(arguments[0]);
        Path out = Path.of(arguments[2]);
        List<String> rows = new ArrayList<>();
        rows.add(String.join("\t", "kernel", "lru", "scenario", "cgroup", "figure", "median", "least", "most", "model", "ratio", "verdict"));
        boolean held = true;
        for (Path file : filesOf(Path.of(arguments[1]), ".results")) {
            String[] name = file.getFileName().toString().replace(".results", "").split("-");
            List<Compared> compared = compare(scenarios, file, name[0], name[1]);
            System.out.println(table(name[0], name[1], compared));
            held &= holds(name[0], name[1], compared);
            compared.forEach(one -> rows.add(row(name[0], name[1], one)));
        }
        Files.write(out.resolve("agreement.tsv"), rows);
        System.exit(held ? 0 : 1);
    }

    /** The same sign everywhere; on the classic lists of 6.1, four scenarios of five within the tolerance. */
    private static boolean holds(String kernel, String lru, List<Compared> compared) {
        boolean signs = compared.stream().noneMatch(one -> one.verdict == Verdict.SIGN);
        long scenarios = compared.stream().map(one -> one.place.scenario).distinct().count();
        boolean counts = (scenarios - far(compared).size()) * 5 >= scenarios * 4;
        return signs && (counts || !(kernel.equals("6.1") && lru.equals("classic")));
    }

    /** The scenarios of which any figure is not the kernel's. */
    private static List<String> far(List<Compared> compared) {
        return compared.stream()
                .filter(one -> one.verdict != Verdict.SAME)
                .map(one -> one.place.scenario)
                .distinct()
                .toList();
    }

    private static List<Compared> compare(Path scenarios, Path measured, String kernel, String lru) throws IOException {
        Map<Place, List<Map<String, String>>> real = new LinkedHashMap<>();
        Map<String, List<Map<String, String>>> requests = new LinkedHashMap<>();
        for (String line : Files.readAllLines(measured)) {
            Map<String, String> values = values(line);
            if (line.startsWith("reclaim ")) {
                requests.computeIfAbsent(values.get("scenario"), scenario -> new ArrayList<>()).add(values);
            } else if (line.startsWith("cgroup ")) {
                real.computeIfAbsent(new Place(values.get("scenario"), values.get("path")), place -> new ArrayList<>())
                        .add(values);
            }
        }
        long readahead = Files.readAllLines(measured).stream()
                .filter(line -> line.startsWith("disk "))
                .mapToLong(line -> Long.parseLong(values(line).get("read_ahead_kb")) << 10)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(measured + " does not tell read_ahead_kb"));
        List<Compared> compared = new ArrayList<>();
        for (Path file : filesOf(scenarios, ".yaml")) {
            String name = file.getFileName().toString().replace(".yaml", "");
            List<Played> plays = new ArrayList<>();
            for (int run = 0; run < RUNS; run++) {
                plays.add(play(scenario(file, kernel, lru, readahead, run)));
            }
            compareRequests(name, requests.getOrDefault(name, List.of()), plays, compared);
            for (String path : plays.getFirst().figures.keySet()) {
                Place place = new Place(name, path);
                List<Map<String, String>> runs = real.getOrDefault(place, List.of());
                for (Figure figure : Figure.values()) {
                    if (!runs.isEmpty() && figure != Figure.AGAIN) {
                        Spread spread = Spread.of(runs.stream().map(figure::of).toList());
                        double value = Spread.of(plays.stream()
                                        .map(play -> play.figures.get(path)[figure.ordinal()])
                                        .toList())
                                .median;
                        compared.add(new Compared(place, figure, spread, value, Verdict.of(figure, spread, value)));
                    }
                }
            }
        }
        return compared;
    }

    /** Each request is a place of its own: what it took, and whether it ended with EAGAIN. */
    private static void compareRequests(
            String scenario, List<Map<String, String>> real, List<Played> plays, List<Compared> compared) {
        int count = plays.getFirst().requests.size();
        for (int i = 0; i < count && !real.isEmpty(); i++) {
            Place place = new Place(scenario, "request " + (i + 1));
            List<Map<String, String>> runs = new ArrayList<>();
            for (int run = i; run < real.size(); run += count) {
                runs.add(real.get(run));
            }
            List<Request> model = new ArrayList<>();
            for (Played play : plays) {
                model.add(play.requests.get(i));
            }
            for (Figure figure : List.of(Figure.SCANNED, Figure.STOLEN, Figure.AGAIN)) {
                Spread spread = Spread.of(runs.stream().map(figure::of).toList());
                double value = Spread.of(model.stream()
                                .map(request -> of(request, figure))
                                .toList())
                        .median;
                compared.add(new Compared(place, figure, spread, value, Verdict.of(figure, spread, value)));
            }
        }
    }

    private static double of(Request request, Figure figure) {
        return switch (figure) {
            case SCANNED -> request.pagesScanned();
            case STOLEN -> request.result().pagesReclaimed();
            default -> request.result().outcome() == Outcome.AGAIN ? 1 : 0;
        };
    }

    /** The scenario on a host with that kernel and what that kernel has set for the disk: whatever else may differ is the scenario's. */
    private static Scenario scenario(Path file, String kernel, String lru, long readahead, int run) throws IOException {
        Scenario scenario = read(file);
        HostSpec host = scenario.host();
        KernelSeries series = Arrays.stream(KernelSeries.values())
                .filter(one -> one.version().equals(kernel))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the model has no kernel " + kernel));
        HostSpec named = new HostSpec(
                host.memoryBytes(),
                host.cpus(),
                host.swap(),
                series,
                Lru.valueOf(lru.toUpperCase(Locale.ROOT)),
                host.swappiness(),
                new DiskSpec(
                        host.disk().readBytesPerSecond(),
                        host.disk().writeBytesPerSecond(),
                        host.disk().latency(),
                        readahead));
        return new Scenario(named, scenario.seed() + run, scenario.duration(), scenario.cgroups(), scenario.workloads());
    }

    private static Scenario read(Path file) throws IOException {
        return switch (Scenario.parse(file.toString(), Files.readString(file))) {
            case Checked.Valid<Scenario>(Scenario scenario) -> scenario;
            case Checked.Invalid<Scenario> invalid -> throw new IllegalArgumentException(invalid.toString());
        };
    }

    private static Played play(Scenario scenario) {
        List<String> paths = scenario.cgroups().stream().map(Scenario.CgroupSpec::path).toList();
        Map<String, double[]> figures = new LinkedHashMap<>();
        paths.forEach(path -> figures.put(path, new double[Figure.values().length]));
        Map<String, Double> stalled = new TreeMap<>();
        List<Request> requests;
        try (Simulation simulation = Simulation.alone(scenario)) {
            simulation.start();
            boolean running = true;
            while (running) {
                running = simulation.advance(SAMPLE);
                for (String path : paths) {
                    double now = read(simulation.model(), path, Signal.PSI_SOME_TOTAL);
                    if (now - stalled.getOrDefault(path, 0.0) > ABOVE * SAMPLE.toMillis() / 1e3) {
                        figures.get(path)[Figure.PRESSED.ordinal()] += SAMPLE.toMillis();
                    }
                    stalled.put(path, now);
                }
            }
            for (String path : paths) {
                double[] of = figures.get(path);
                of[Figure.MAX.ordinal()] = read(simulation.model(), path, Signal.EVENTS_MAX);
                of[Figure.HIGH.ordinal()] = read(simulation.model(), path, Signal.EVENTS_HIGH);
                // The kernel's totals have in them what was asked for; the model tells it apart.
                List<Request> own = simulation.model().requests().stream()
                        .filter(request -> request.cgroup().equals(path))
                        .toList();
                of[Figure.SCANNED.ordinal()] = read(simulation.model(), path, Signal.PGSCAN)
                        + own.stream().mapToLong(Request::pagesScanned).sum();
                of[Figure.STOLEN.ordinal()] = read(simulation.model(), path, Signal.PGSTEAL)
                        + own.stream().mapToLong(request -> request.result().pagesReclaimed()).sum();
                of[Figure.REFAULTS.ordinal()] = read(simulation.model(), path, Signal.REFAULT);
                of[Figure.KILLS.ordinal()] = read(simulation.model(), path, Signal.EVENTS_OOM_KILL);
                of[Figure.STALLED.ordinal()] = Math.rint(stalled.get(path) * 1e6);
            }
            requests = simulation.model().requests();
        }
        return new Played(figures, requests);
    }

    private static double read(MemoryModel model, String path, Signal signal) {
        Cgroup cgroup = model.cgroup(path).orElseThrow();
        double[] values = new double[1];
        try {
            model.read(cgroup, SignalSet.of(signal), values);
        } catch (CgroupGoneException e) {
            throw new IllegalStateException(path + " is gone", e);
        }
        return values[0];
    }

    private static String table(String kernel, String lru, List<Compared> compared) {
        StringBuilder text = new StringBuilder("### " + kernel + ", " + lru + "\n\n");
        Map<Place, List<Compared>> places =
                compared.stream().collect(Collectors.groupingBy(Compared::place, LinkedHashMap::new, Collectors.toList()));
        List<List<String>> rows = new ArrayList<>();
        List<String> header = new ArrayList<>(List.of("scenario", "cgroup"));
        Figure.shown().forEach(figure -> header.add(figure.title));
        rows.add(header);
        places.forEach((place, figures) -> {
            List<String> row = new ArrayList<>(List.of(place.scenario, place.cgroup));
            Figure.shown().forEach(figure -> row.add(figures.stream()
                    .filter(one -> one.figure == figure)
                    .findFirst()
                    .map(Compared::text)
                    .orElse("")));
            rows.add(row);
        });
        int[] widths = new int[header.size()];
        rows.forEach(row -> Arrays.setAll(widths, i -> Math.max(widths[i], row.get(i).length())));
        for (int r = 0; r < rows.size(); r++) {
            text.append(line(rows.get(r), widths));
            if (r == 0) {
                text.append(line(Arrays.stream(widths).mapToObj("-"::repeat).toList(), widths));
            }
        }
        long scenarios = compared.stream().map(one -> one.place.scenario).distinct().count();
        List<String> far = far(compared);
        long signs = compared.stream().filter(one -> one.verdict == Verdict.SIGN).count();
        text.append("\nWithin 25 %: " + (scenarios - far.size()) + " of " + scenarios + " scenarios");
        text.append(far.isEmpty() ? "." : "; not: " + String.join(", ", far) + ".");
        text.append(" Another sign: " + signs + " of " + compared.stream().filter(one -> one.figure.weight != Weight.NONE).count() + " cells.\n");
        return text.toString();
    }

    private static String line(List<String> fields, int[] widths) {
        StringBuilder text = new StringBuilder("|");
        for (int i = 0; i < widths.length; i++) {
            text.append(' ').append(fields.get(i)).append(" ".repeat(widths[i] - fields.get(i).length())).append(" |");
        }
        return text.append('\n').toString();
    }

    private static String row(String kernel, String lru, Compared one) {
        return String.join(
                "\t",
                kernel,
                lru,
                one.place.scenario,
                one.place.cgroup,
                one.figure.title,
                plain(one.real.median),
                plain(one.real.least),
                plain(one.real.most),
                plain(one.model),
                one.ratio(),
                one.verdict.name().toLowerCase(Locale.ROOT));
    }

    private static Map<String, String> values(String line) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String word : line.strip().split(" +")) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                values.put(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        return values;
    }

    private static List<Path> filesOf(Path folder, String suffix) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.toString().endsWith(suffix))
                    .sorted(Comparator.comparing(Path::toString))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
