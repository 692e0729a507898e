package dev.tidemark.agent.explain;

import dev.tidemark.config.Expr;
import dev.tidemark.config.Unit;
import dev.tidemark.reclaim.CgroupLimits;
import dev.tidemark.reclaim.LimitEvent;
import dev.tidemark.reclaim.LimitStanding;
import dev.tidemark.reclaim.ReclaimEvent.Held;
import dev.tidemark.triggers.Standing;
import dev.tidemark.triggers.Standing.Margin;
import dev.tidemark.triggers.Standing.Part;
import dev.tidemark.triggers.TriggerState;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A policy's conditions with their present values, and in words why it does what it does. */
final class LiveView {
    private static final double NANOS_PER_SECOND = 1e9;

    private final Standing standing;
    private final Optional<Held> held;
    private final Optional<LimitStanding> limit;
    private final IdentityHashMap<Expr, Part> parts = new IdentityHashMap<>();
    private final TextView out = new TextView();

    LiveView(Standing standing, Optional<Held> held, Optional<LimitStanding> limit) {
        this.standing = standing;
        this.held = held;
        this.limit = limit;
        index(standing.start());
        index(standing.stop());
    }

    private void index(Part part) {
        parts.put(part.expr(), part);
        part.parts().forEach(this::index);
    }

    String text() {
        out.heading("state", List.of(state()));
        if (!standing.watched().equals(standing.cgroup())) {
            out.heading("watched", List.of(standing.watched().path() + ", " + word(standing.watchedState())));
        }
        out.tree("START", Shape.of(standing.start().expr()), this::line);
        out.tree("STOP", Shape.of(standing.stop().expr()), this::line);
        out.heading(heading(), why());
        held.ifPresent(it -> out.heading("held back", List.of(heldBack(it))));
        limit.ifPresent(it -> out.heading("limit", List.of(it.file().fileName() + ' ' + limited(it))));
        return out.text();
    }

    private String state() {
        String since = word(standing.state()) + " for " + time(standing.nowNanos() - standing.sinceNanos());
        return standing.cooldownUntilNanos() == Standing.NEVER
                ? since
                : since + ", cooling down for another " + time(standing.cooldownUntilNanos() - standing.nowNanos());
    }

    private String line(Shape shape) {
        @Nullable Part part = parts.get(shape.expr());
        if (part == null) {
            return shape.label();
        }
        Part bare = bare(part);
        String told = truth(part) + timer(bare);
        if (bare.expr() instanceof Expr.Comparison it && bare.parts().size() == 2) {
            String name = part.expr() instanceof Expr.Named named ? named.name() + ": " : "";
            return name + side(bare.parts().getFirst()) + ' ' + it.relation().symbol() + ' '
                    + side(bare.parts().getLast()) + ": " + truth(part) + distance(bare);
        }
        return shape.label() + ": " + told;
    }

    private static Part bare(Part part) {
        Part bare = part;
        while (bare.expr() instanceof Expr.Named && !bare.parts().isEmpty()) {
            bare = bare.parts().getFirst();
        }
        return bare;
    }

    private static String side(Part part) {
        boolean constant = part.expr() instanceof Expr.Literal;
        return constant ? part.text() : part.text() + ' ' + part.expr().unit().format(part.value());
    }

    private static String truth(Part part) {
        return part.expr().unit().format(part.value());
    }

    private String timer(Part part) {
        if (part.changesAtNanos() == Standing.NEVER) {
            return "";
        }
        String left = time(part.changesAtNanos() - standing.nowNanos());
        return switch (part.expr()) {
            case Expr.For _ -> ", in " + left + " if nothing changes";
            case Expr.Hold _ -> ", for another " + left;
            default -> "";
        };
    }

    /** How far it is from its mark: {@code , 20MiB short} or {@code , by 20MiB}. */
    private static String distance(Part part) {
        @Nullable Margin margin = part.margin();
        if (margin == null || Double.isNaN(margin.distance()) || Double.isInfinite(margin.distance())) {
            return "";
        }
        String far = margin.unit().format(Math.abs(margin.distance()));
        if (part.holds()) {
            return ", by " + far;
        }
        return switch (margin.relation()) {
            case GREATER, GREATER_OR_EQUAL -> ", " + far + " short";
            case LESS, LESS_OR_EQUAL -> ", " + far + " too much";
            case EQUAL -> ", " + far + " apart";
            case NOT_EQUAL -> "";
        };
    }

    private String heldBack(Held it) {
        String why = word(it.reason()) + ": " + it.why();
        long left = it.untilNanos() - standing.nowNanos();
        return left > 0 ? why + "; again in " + time(left) : why;
    }

    private String limited(LimitStanding it) {
        if (it.against().isPresent()) {
            return against(it.against().get());
        }
        if (!it.isSet()) {
            return "is not set yet";
        }
        String held = "is " + bytes(it.isBytes()) + ", was " + bytes(it.foundBytes());
        return it.untilNanos() == LimitStanding.NEVER
                ? held
                : held + "; put back with STOP, in " + time(it.untilNanos() - standing.nowNanos()) + " at the latest";
    }

    private static String against(LimitEvent event) {
        return switch (event) {
            case LimitEvent.Set it ->
                "would be " + bytes(it.toBytes()) + ", is " + bytes(it.fromBytes()) + ": a dry run sets nothing";
            case LimitEvent.Restored it ->
                "is " + bytes(it.toBytes()) + " again: it has been held for as long as the policy may; not set until "
                        + "the policy has stopped and started again";
            case LimitEvent.LeftAlone it ->
                "was " + bytes(it.expectedBytes()) + " and has been set to " + bytes(it.foundBytes())
                        + " by somebody else: left alone until the policy has stopped and started again";
            case LimitEvent.Needless it ->
                "is " + bytes(it.foundBytes()) + " of itself, which is at least as strict as the policy would have it";
            case LimitEvent.Refused it -> "cannot be set: " + it.message();
        };
    }

    private static String bytes(long limit) {
        return limit == CgroupLimits.MAX ? "max" : Unit.BYTES.format((double) limit);
    }

    private String heading() {
        return switch (standing.state()) {
            case INACTIVE, PENDING -> "why not";
            case ACTIVE -> "why still";
            case STOPPING, COOLDOWN -> "why";
        };
    }

    private List<String> why() {
        List<String> lines = new ArrayList<>();
        switch (standing.state()) {
            case STOPPING -> lines.add("it stops: what is in flight is being let go of, and then it is over");
            case COOLDOWN -> lines.add("it has stopped, and leaves the cgroup alone until the cooldown is over");
            case INACTIVE, PENDING, ACTIVE -> {
                if (standing.stop().holds()) {
                    lines.add("STOP holds, and wins over START; it would not if one of these did not hold:");
                    reasons(standing.stop().heldBackBy(false), lines);
                } else if (standing.state() == TriggerState.ACTIVE) {
                    lines.add("it goes on until STOP holds, which lacks:");
                    reasons(standing.stop().heldBackBy(true), lines);
                } else if (standing.start().holds()) {
                    lines.add("START holds and STOP does not: it starts with the next look");
                } else {
                    lines.add("START does not hold; it lacks:");
                    reasons(standing.start().heldBackBy(true), lines);
                }
            }
        }
        return lines;
    }

    private void reasons(List<Part> leaves, List<String> lines) {
        leaves.forEach(leaf -> lines.add("- " + reason(leaf)));
    }

    private String reason(Part leaf) {
        if (Double.isNaN(leaf.value())) {
            return leaf.text()
                    + ": unknown, for what it needs has not been seen for too long, or the host does not have it";
        }
        if (leaf.expr() instanceof Expr.For && leaf.changesAtNanos() != Standing.NEVER) {
            return leaf.text() + ": holds, but not long enough yet; "
                    + time(leaf.changesAtNanos() - standing.nowNanos()) + " to go";
        }
        @Nullable Margin margin = leaf.margin();
        if (margin == null) {
            return leaf.text() + timer(leaf);
        }
        return leaf.text() + ": it is " + margin.unit().format(margin.value()) + ", and the mark "
                + margin.unit().format(margin.threshold()) + distance(leaf);
    }

    private static String word(Enum<?> state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    private static String time(long nanos) {
        return Unit.DURATION.format(Math.max(0, nanos) / NANOS_PER_SECOND);
    }
}
