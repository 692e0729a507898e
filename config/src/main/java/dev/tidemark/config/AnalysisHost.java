package dev.tidemark.config;

import dev.tidemark.config.Finding.Severity;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What policies name that a host does not have. */
final class AnalysisHost {
    private final HostView host;
    private final List<Policy> policies;
    private final List<Finding> findings;
    private final Set<String> told = new HashSet<>();

    AnalysisHost(HostView host, List<Policy> policies, List<Finding> findings) {
        this.host = host;
        this.policies = policies;
        this.findings = findings;
    }

    void find() {
        for (Policy policy : policies) {
            globs(policy, policy.cgroups(), "the policy does nothing for it until one appears");
            globs(policy, policy.exclude(), "nothing is excluded by it");
            globs(policy, policy.watch(), "nothing is watched by it until one appears");
            look(policy, policy.start());
            look(policy, policy.stop());
        }
    }

    private void globs(Policy policy, List<CgroupGlob> globs, String result) {
        for (CgroupGlob glob : globs) {
            @Nullable Span span = glob.span();
            if (span != null && host.cgroups().stream().noneMatch(glob::matches)) {
                warn(
                        policy,
                        span,
                        ("no cgroup on this host matches %s: %s; compare it with the paths below the cgroup root "
                                        + "(systemd-cgls shows them)")
                                .formatted(Shown.quoted(glob.pattern()), result));
            }
        }
    }

    private void look(Policy policy, Expr expr) {
        switch (expr) {
            case Expr.SignalRef it -> signal(policy, it.signal(), it.span());
            case Expr.Elsewhere it -> {
                signal(policy, it.signal(), it.span());
                if (!host.cgroups().contains(it.path())) {
                    warn(
                            policy,
                            it.span(),
                            "there is no cgroup %s on this host: its %s is unknown until there is"
                                    .formatted(Shown.quoted(it.path()), it.signal()));
                }
            }
            default -> expr.children().forEach(child -> look(policy, child));
        }
    }

    private void signal(Policy policy, Signal signal, Span span) {
        List<Signal> read = signal.derived() ? signal.parts() : List.of(signal);
        for (Map.Entry<Signal, String> lack : host.lacking().entrySet()) {
            if (lack.getKey() == signal || read.contains(lack.getKey())) {
                warn(
                        policy,
                        span,
                        "this host lacks the signal %s: %s; this disables %s"
                                .formatted(lack.getKey(), lack.getValue(), readers(lack.getKey())));
            }
        }
    }

    private String readers(Signal signal) {
        List<String> names = policies.stream()
                .filter(policy -> reads(policy.start(), signal) || reads(policy.stop(), signal))
                .map(Policy::name)
                .toList();
        return (names.size() == 1 ? "policy " : "policies ") + names.stream().collect(Collectors.joining(", "));
    }

    private static boolean reads(Expr expr, Signal signal) {
        return switch (expr) {
            case Expr.SignalRef it ->
                it.signal() == signal || it.signal().parts().contains(signal);
            case Expr.Elsewhere it ->
                it.signal() == signal || it.signal().parts().contains(signal);
            default -> expr.children().stream().anyMatch(child -> reads(child, signal));
        };
    }

    private void warn(Policy policy, Span span, String message) {
        if (told.add(span + message)) {
            findings.add(new Finding(Severity.WARNING, policy.name(), span, message));
        }
    }
}
