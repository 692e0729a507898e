package dev.tidemark.agent.simulate;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;

/**
 * Runs beside each other, and the forms in which they are told. Immutable; the forms are the same for the same plan and candidates,
 * byte by byte, whatever the number of threads.
 */
public final class Comparison {

    private final Plan plan;
    private final List<Column> columns;

    private Comparison(Plan plan, List<Column> columns) {
        this.plan = plan;
        this.columns = List.copyOf(columns);
    }

    /**
     * Runs all candidates, each on a modelled host and in a virtual time of its own. Blocks until the last is through.
     *
     * @param candidates at least one; the others are compared with the first
     * @param threads runs at once, at least 1
     * @throws IllegalStateException for a defect of the model
     */
    public static Comparison of(Plan plan, List<Candidate> candidates, int threads) throws InterruptedException {
        try (ExecutorService pool = Executors.newFixedThreadPool(Math.clamp(candidates.size(), 1, threads))) {
            List<Future<Column>> runs = new ArrayList<>();
            for (Candidate candidate : candidates) {
                runs.add(pool.submit(() -> Run.of(plan, candidate)));
            }
            List<Column> columns = new ArrayList<>();
            for (Future<Column> run : runs) {
                columns.add(run.get());
            }
            return new Comparison(plan, columns);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a run failed: " + e.getCause(), e.getCause());
        }
    }

    /**
     * The table for people, its lines ended by line breaks.
     *
     * @param bold marks headings
     * @param faint marks what is of less interest
     */
    public String text(UnaryOperator<String> bold, UnaryOperator<String> faint) {
        return new ReportText(plan, columns, bold, faint).text();
    }

    /** All figures, see docs/simulating.md; ends with a line break. */
    public String json() {
        return new ReportJson(plan, columns).text();
    }

    /**
     * The picture: no script, no font and no image from elsewhere; readable on light and dark ground, in print always on light.
     *
     * @throws IllegalStateException unless the plan was for a plot
     */
    public String svg() {
        return Plot.svg(plan, columns);
    }

    /** A page with the table and the picture, which needs nothing else. */
    public String html() {
        return new ReportHtml(plan, columns).text();
    }

    /** Lines about what went wrong with cgroups, each with the column in which it did. */
    public List<String> complaints() {
        return columns.stream()
                .flatMap(column -> column.complaints().stream().map(line -> column.name() + ": " + line))
                .toList();
    }

    /** The data, for this package's tests. */
    List<Column> columns() {
        return columns;
    }
}
