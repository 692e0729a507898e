package dev.tidemark.agent;

import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Unit;
import dev.tidemark.reclaim.ReclaimEvent.Reclaimed;
import dev.tidemark.reclaim.model.WorkloadReport;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import picocli.CommandLine.Help.Ansi;

/**
 * Two hosts side by side: usage against the limit, what it has cost, and what the agent decided and did.
 *
 * <p>On a terminal the picture is redrawn in place; elsewhere a line twice a second and each decision take its place.
 */
final class DemoScreen {

    private static final int BAR = 48;
    private static final int COURSE = 72;
    private static final int EVENTS = 8;
    private static final int COURSE_EVERY = 3;
    private static final int LINE_EVERY = 10;
    private static final String LEVELS = " ▁▂▃▄▅▆▇█";
    private static final String CLEAR_LINE = "\u001b[K";

    private final PrintWriter out;
    private final boolean live;
    private final Simulation without;
    private final Simulation with;
    private final PolicyFile policies;
    private final Narrator narrator;
    private final Deque<String> events = new ArrayDeque<>();
    private final Deque<Double> courseWithout = new ArrayDeque<>();
    private final Deque<Double> courseWith = new ArrayDeque<>();
    private long writes;
    private double movedBytes;
    private int frames;
    private int drawnLines;

    DemoScreen(PrintWriter out, boolean live, Simulation without, Simulation with, PolicyFile policies) {
        this.out = out;
        this.live = live;
        this.without = without;
        this.with = with;
        this.policies = policies;
        this.narrator = new Narrator(ModelRun::virtualTime, with.model().pageSize());
        with.agent().ifPresent(agent -> {
            agent.decisions().subscribe(decision -> event(narrator.tell(decision)));
            agent.reclaims().ofType(Reclaimed.class).subscribe(this::reclaimed);
        });
    }

    void begin() {
        out.println(bold("Tidemark on the built-in model of the kernel, in virtual time"));
        out.println("A 64 MiB file is written through a cgroup limited to 32 MiB, and read back twice.");
        policies.policies()
                .forEach(policy -> out.println(
                        "Policy " + policy.name() + ": start " + policy.start() + ", stop " + policy.stop()));
        out.println();
    }

    void show() {
        if (frames % COURSE_EVERY == 0) {
            remember(courseWithout, without);
            remember(courseWith, with);
        }
        if (live) {
            redraw();
        } else if (frames % LINE_EVERY == 0) {
            out.println(time() + "  without " + amount(without) + "  with " + amount(with));
        }
        frames++;
        out.flush();
    }

    void end() {
        out.println();
        out.println(bold("%-36s %16s %16s".formatted("What happened", "without", "with the agent")));
        Simulation.View alone = view(without);
        Simulation.View kept = view(with);
        row("limit hit (max in memory.events)", alone.maxEvents(), kept.maxEvents());
        row("OOM kills", alone.oomKills(), kept.oomKills());
        WorkloadReport slow = without.workloads().getFirst();
        WorkloadReport quick = with.workloads().getFirst();
        row("task waited for memory", seconds(slow.stalled()), seconds(quick.stalled()));
        row("task waited for write-out", seconds(slow.throttled()), seconds(quick.throttled()));
        row("task ran for", ran(slow), ran(quick));
        row("reclaimed in the background", "-", Unit.BYTES.format(movedBytes) + " (" + writes + "x)");
        with.end();
        without.end();
        out.flush();
    }

    private void reclaimed(Reclaimed event) {
        writes++;
        movedBytes += (double) event.result().pagesReclaimed() * with.model().pageSize();
        if (live) {
            event(narrator.tell(event));
        }
    }

    private void event(String line) {
        if (!live) {
            out.println(line);
            return;
        }
        events.addLast(line);
        if (events.size() > EVENTS) {
            events.removeFirst();
        }
    }

    private void redraw() {
        List<String> lines = new ArrayList<>();
        lines.add(time());
        lines.add("without  " + bar(without) + amount(without));
        lines.add("with     " + bar(with) + amount(with) + "  " + Unit.BYTES.format(movedBytes) + " reclaimed");
        lines.add("");
        lines.add("without  " + course(courseWithout));
        lines.add("with     " + course(courseWith));
        lines.add("");
        events.forEach(event -> lines.add("  " + cut(event)));
        while (lines.size() < drawnLines) {
            lines.add("");
        }
        if (drawnLines > 0) {
            out.print("\u001b[" + drawnLines + "A");
        }
        lines.forEach(line -> out.println(line + CLEAR_LINE));
        drawnLines = lines.size();
    }

    private String time() {
        return ModelRun.virtualTime(with.now().toNanos());
    }

    private static String bar(Simulation host) {
        Simulation.View view = view(host);
        int full = (int) Math.round(share(view) * BAR);
        return "[" + "█".repeat(full) + " ".repeat(BAR - full) + "] ";
    }

    private static String amount(Simulation host) {
        Simulation.View view = view(host);
        return "%8s of %s, %4d max events"
                .formatted(Unit.BYTES.format(view.usageBytes()), Unit.BYTES.format(view.maxBytes()), view.maxEvents());
    }

    private static String course(Deque<Double> shares) {
        StringBuilder line = new StringBuilder(COURSE);
        shares.forEach(share -> line.append(LEVELS.charAt((int) Math.round(share * (LEVELS.length() - 1)))));
        return line.toString();
    }

    private static void remember(Deque<Double> course, Simulation host) {
        course.addLast(share(view(host)));
        if (course.size() > COURSE) {
            course.removeFirst();
        }
    }

    private static double share(Simulation.View view) {
        return Math.clamp(view.usageBytes() / view.maxBytes(), 0, 1);
    }

    private static Simulation.View view(Simulation host) {
        return host.views().getFirst();
    }

    private void row(String what, Object alone, Object kept) {
        out.println("%-36s %16s %16s".formatted(what, alone, kept));
    }

    private static String ran(WorkloadReport workload) {
        return workload.started()
                .flatMap(start -> workload.ended().map(end -> seconds(end.minus(start))))
                .orElse("until the end");
    }

    private static String seconds(Duration duration) {
        return Unit.DURATION.format(duration.toNanos() / 1e9);
    }

    private static String cut(String line) {
        return line.length() <= 2 * COURSE ? line : line.substring(0, 2 * COURSE - 1) + "…";
    }

    private static String bold(String text) {
        return Ansi.AUTO.string("@|bold " + text + "|@");
    }
}
