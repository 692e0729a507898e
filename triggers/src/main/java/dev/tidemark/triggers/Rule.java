package dev.tidemark.triggers;

import dev.tidemark.config.Policy;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A policy as it runs: its program, and what it looks at beyond the cgroup whose turn it is. It outlives a reload that leaves the
 * policy as it is, or changes no more than its durations and limits. Confined to the core thread.
 */
final class Rule {

    private static final Combiner[] NO_COMBINERS = {};
    private static final double[] NOTHING = {};

    private final BiFunction<Policy, SignalSet, Program> compiler;
    private Policy policy;
    private Program program;
    private SignalSet signals = SignalSet.EMPTY;
    private SignalSet taking = SignalSet.EMPTY;
    private SignalSet hostSignals = SignalSet.EMPTY;
    private Map<String, SignalSet> elsewhereSignals = Map.of();

    private final Combiner[] combiners;
    private final BitSet members = new BitSet();

    /** The combined values, at the place that the program gave each. */
    final double[] across;

    Known host;
    Known[] elsewhere;

    /** How what it decides reaches the cgroups it acts on; null where those are the ones that decide. */
    final @Nullable Group group;

    Rule(
            Policy policy,
            SignalSet layout,
            BiFunction<Policy, SignalSet, Program> compiler,
            Outbox outbox,
            Consumer<? super Group> changed) {
        this.compiler = compiler;
        this.policy = policy;
        program = compiler.apply(policy, layout);
        describe();
        List<Program.Across> aggregates = program.across();
        combiners = aggregates.isEmpty()
                ? NO_COMBINERS
                : aggregates.stream()
                        .map(across -> new Combiner(across.aggregate()))
                        .toArray(Combiner[]::new);
        across = combiners.length == 0 ? NOTHING : new double[combiners.length];
        Arrays.fill(across, Double.NaN);
        host = new Known(layout, Evaluation.NEVER);
        elsewhere = new Known[elsewhereSignals.size()];
        Arrays.fill(elsewhere, host);
        group = policy.watch().isEmpty() ? null : new Group(this, outbox, changed);
    }

    private void describe() {
        signals = Program.signals(policy);
        taking = Program.taking(policy);
        hostSignals = Program.host(policy);
        elsewhereSignals = Program.elsewhere(policy);
    }

    /** Whether what operators remember for this policy means the same to the other. */
    boolean fits(Policy other, SignalSet layout) {
        return program.sameState(compiler.apply(other, layout));
    }

    /** Goes on as another policy, of the same shape, or for another layout of values. */
    void become(Policy other, SignalSet layout) {
        policy = other;
        program = compiler.apply(other, layout);
        describe();
    }

    /** Looks up what lies elsewhere; what is not there is unknown. */
    void bind(Function<String, Known> known, Known hostKnown) {
        host = hostKnown;
        int k = 0;
        for (String path : program.elsewhere()) {
            elsewhere[k++] = known.apply(path);
        }
    }

    Policy policy() {
        return policy;
    }

    Program program() {
        return program;
    }

    /** What to read of the cgroups that decide. */
    SignalSet signals() {
        return signals;
    }

    /** What to read of the cgroups that are acted on. */
    SignalSet taking() {
        return taking;
    }

    SignalSet hostSignals() {
        return hostSignals;
    }

    SignalSet signalsOf(String path) {
        return elsewhereSignals.getOrDefault(path, SignalSet.EMPTY);
    }

    Set<String> elsewherePaths() {
        return elsewhereSignals.keySet();
    }

    boolean combines() {
        return combiners.length > 0;
    }

    /** A number for a further cgroup that decides; -1 when no value is combined. */
    int join() {
        if (!combines()) {
            return -1;
        }
        int member = members.nextClearBit(0);
        members.set(member);
        return member;
    }

    /** Takes a cgroup out that decides no more. */
    void leave(Trigger trigger) {
        if (trigger.member >= 0) {
            members.clear(trigger.member);
            for (int k = 0; k < combiners.length; k++) {
                combine(k, trigger.member, Double.NaN);
            }
        }
    }

    /** Takes in what a cgroup has for the k-th of the combined values. */
    void combine(int k, int member, double value) {
        combiners[k].set(member, value);
        across[k] = combiners[k].value();
    }

    @Override
    public String toString() {
        return policy.name();
    }
}
