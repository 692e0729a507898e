package dev.tidemark.agent;

import dev.tidemark.agent.PolicyCheck.Verdict;
import dev.tidemark.config.Analysis;
import dev.tidemark.config.CgroupGlob;
import dev.tidemark.config.Checked;
import dev.tidemark.config.Expr;
import dev.tidemark.config.HostMemory;
import dev.tidemark.config.Policy;
import dev.tidemark.config.PolicyFile;
import dev.tidemark.config.Problem;
import dev.tidemark.reclaim.cgroup2.Cgroup2Controller;
import dev.tidemark.reclaim.cgroup2.Cgroup2Options;
import dev.tidemark.reclaim.cgroup2.HostLacksException;
import dev.tidemark.reclaim.cgroup2.HostNeeds;
import dev.tidemark.reclaim.cgroup2.LackingSignal;
import dev.tidemark.triggers.PushRequest;
import dev.tidemark.triggers.SignalSet;
import dev.tidemark.triggers.TriggerEngine;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which policies this host can run, and what it needs for them.
 *
 * <p><b>Thread:</b> any, one at a time; it blocks on files of the kernel.
 */
final class HostPolicies {

    private final Cgroup2Options options;
    private final Optional<String> unkept;

    /** @param unkept why nothing can be kept that outlives the agent; empty when it can */
    HostPolicies(Cgroup2Options options, Optional<String> unkept) {
        this.options = options;
        this.unkept = unkept;
    }

    /**
     * What is left of a file on this host.
     *
     * @param told a sentence for each thing that the host lacks, with the policies that are left out for it, and one for each cgroup
     *     that a policy selects and the agent leaves alone because it runs there
     */
    record Fit(PolicyFile file, List<String> told) {
        Fit {
            told = List.copyOf(told);
        }
    }

    /**
     * Leaves out the policies that read what this host does not have and those that set what could not be put back, and of the
     * others the agent's own cgroup and those above it where something would be taken from them.
     *
     * @throws HostLacksException when none is left
     * @throws IOException when the host cannot be looked at
     */
    Fit fit(PolicyFile file) throws IOException {
        Map<Policy, SignalSet> reads = new LinkedHashMap<>();
        file.policies().forEach(policy -> reads.put(policy, TriggerEngine.signals(List.of(policy))));
        List<LackingSignal> lacking = Cgroup2Controller.lackingSignals(options, reads);
        List<String> told =
                new ArrayList<>(lacking.stream().map(LackingSignal::message).toList());
        List<Policy> left = new ArrayList<>(file.policies());
        left.removeAll(LackingSignal.disabled(lacking));
        unkept.ifPresent(why -> {
            List<Policy> setting =
                    left.stream().filter(policy -> policy.reclaim().isEmpty()).toList();
            if (!setting.isEmpty()) {
                told.add(why + ". What was set could not be put back were the agent killed, which disables the "
                        + (setting.size() == 1 ? "policy " : "policies ")
                        + setting.stream().map(Policy::name).collect(Collectors.joining(", ")));
                left.removeAll(setting);
            }
        });
        if (left.isEmpty()) {
            throw new HostLacksException(told);
        }
        List<String> own = Cgroup2Controller.ownCgroups(options);
        told.addAll(selectedOfOwn(left, own));
        left.replaceAll(policy -> sparing(policy, own));
        return new Fit(new PolicyFile(left, file.workqueue(), file.budget()), told);
    }

    private static Policy sparing(Policy policy, List<String> own) {
        List<CgroupGlob> spared =
                selectedOfOwn(policy, own).stream().map(CgroupGlob::exactly).toList();
        return spared.isEmpty() ? policy : policy.excluding(spared);
    }

    /** Which of these cgroups the policy would take from. */
    private static List<String> selectedOfOwn(Policy policy, List<String> own) {
        return policy.action().takes() ? own.stream().filter(policy::selects).toList() : List.of();
    }

    /**
     * A sentence for each policy and each cgroup that it would take from and that an agent leaves alone because it runs there.
     *
     * @param own the cgroup of the agent and those above it
     */
    static List<String> selectedOfOwn(List<Policy> policies, List<String> own) {
        List<String> told = new ArrayList<>();
        for (Policy policy : policies) {
            for (String path : selectedOfOwn(policy, own)) {
                told.add("policy " + policy.name() + " selects " + path + ", in which the agent itself runs"
                        + (path.equals(own.getFirst()) ? "" : " (" + own.getFirst() + ")")
                        + ": nothing is taken from it");
            }
        }
        return told;
    }

    /** The check of a text that is to take the place of what runs on {@code controller}. */
    PolicyCheck check(String fileName, HostMemory memory, Cgroup2Controller controller) {
        return text -> switch (Analysis.parse(fileName, text, memory)) {
            case Checked.Invalid<Analysis.Result>(List<Problem> problems) -> Verdict.refused(rendered(problems));
            case Checked.Valid<Analysis.Result>(Analysis.Result result) -> onHost(result, controller);
        };
    }

    private Verdict onHost(Analysis.Result result, Cgroup2Controller controller) {
        try {
            Fit fit = fit(result.file());
            controller.check(needs(fit.file().policies()));
            List<String> told = new ArrayList<>(rendered(result.warnings()));
            fit.told().forEach(lack -> told.add("warning: " + lack));
            return Verdict.accepted(fit.file(), told);
        } catch (HostLacksException e) {
            return Verdict.refused(e.lacks());
        } catch (IOException e) {
            return Verdict.refused(List.of("the host cannot be looked at: " + e.getMessage()));
        }
    }

    static List<String> rendered(List<Problem> problems) {
        return problems.stream().map(Problem::render).toList();
    }

    /** What these policies need of a host. */
    static HostNeeds needs(List<Policy> policies) {
        Set<PushRequest> pushes = new HashSet<>();
        List<CgroupGlob> pushed = new ArrayList<>();
        for (Policy policy : policies) {
            Set<PushRequest> ofPolicy = new HashSet<>(pressures(policy.start()));
            ofPolicy.addAll(pressures(policy.stop()));
            if (!ofPolicy.isEmpty()) {
                pushes.addAll(ofPolicy);
                pushed.addAll(policy.watch().isEmpty() ? policy.cgroups() : policy.watch());
            }
        }
        return HostNeeds.of(policies, TriggerEngine.signals(policies)).withPushes(pushes, pushed);
    }

    private static Set<PushRequest> pressures(Expr expression) {
        Set<PushRequest> pressures = new HashSet<>();
        Deque<Expr> rest = new ArrayDeque<>(List.of(expression));
        while (!rest.isEmpty()) {
            Expr part = rest.removeLast();
            if (part instanceof Expr.Pressure pressure) {
                pressures.add(new PushRequest.Pressure(
                        pressure.resource(), pressure.full(), pressure.stall(), pressure.window()));
            }
            rest.addAll(part.children());
        }
        return pressures;
    }
}
