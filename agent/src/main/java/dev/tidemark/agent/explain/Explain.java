package dev.tidemark.agent.explain;

import dev.tidemark.config.Policy;
import dev.tidemark.reclaim.LimitStanding;
import dev.tidemark.reclaim.ReclaimEvent.Held;
import dev.tidemark.triggers.Standing;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The compiled pipeline of policies, in three forms. Pure and safe from any thread. */
public final class Explain {

    private Explain() {}

    /** For a terminal, lines of at most 100 columns where labels allow; ends with a line break. */
    public static String text(List<Policy> policies) {
        return policies.stream().map(policy -> new TextView().of(policy)).collect(Collectors.joining("\n"));
    }

    /**
     * Where a policy stands with a cgroup, with the values of its conditions now, and why it does not act or what STOP still lacks;
     * several lines, each ended by a line break.
     *
     * @param held what holds it back although it is active
     * @param limit how what it sets is set now
     */
    public static String live(Standing standing, Optional<Held> held, Optional<LimitStanding> limit) {
        return new LiveView(standing, held, limit).text();
    }

    /** A Mermaid flowchart, for documents; ends with a line break. */
    public static String mermaid(List<Policy> policies) {
        return new MermaidView().of(policies);
    }

    /** A picture that stands by itself: no script, no font and no image from elsewhere; readable on light and dark ground. */
    public static String svg(List<Policy> policies) {
        return new SvgView().of(policies);
    }
}
