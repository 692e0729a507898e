package dev.tidemark.config;

import dev.tidemark.config.Finding.Severity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Proves what can be proved of policies without running them.
 *
 * <p>A finding is never a guess: what it says holds for all values that signals can have, with {@code for} taken as what it
 * strengthens, {@code hold} as what it weakens, and what is unknown as neither true nor false. What is not found is not proved
 * to be absent. The one liberty: a share of time, such as {@code psi.some over 2s}, is at most 100 %, although an error of
 * measurement may show a little more.
 */
public final class Analysis {

    /**
     * A file whose policies may run.
     *
     * @param warnings what was found all the same, sorted by place; each message begins with {@code warning:}
     */
    public record Result(PolicyFile file, List<Problem> warnings) {
        public Result {
            warnings = List.copyOf(warnings);
        }
    }

    private Analysis() {}

    /** All findings, sorted by place. Pure and safe from any thread. */
    public static List<Finding> of(PolicyFile file) {
        return of(file, null);
    }

    /**
     * All findings, also those about what the host does not have, sorted by place. Pure and safe from any thread.
     *
     * @param host null when nothing is to be said of one
     */
    public static List<Finding> of(PolicyFile file, @Nullable HostView host) {
        List<Finding> findings = new ArrayList<>();
        AnalysisTruth truth = new AnalysisTruth();
        for (Policy policy : file.policies()) {
            new AnalysisConditions(policy, truth, findings).find();
            new AnalysisWindows(policy, findings).find();
            new AnalysisGuards(policy, truth, findings).find();
        }
        new AnalysisFights(file.policies(), host == null ? List.of() : host.cgroups(), truth, findings).find();
        if (host != null) {
            new AnalysisHost(host, file.policies(), findings).find();
        }
        findings.sort(Comparator.<Finding>comparingInt(it -> it.span().line())
                .thenComparingInt(it -> it.span().column()));
        // What stands under let is told once, however many policies use it.
        Set<String> told = new HashSet<>();
        return findings.stream()
                .filter(it -> told.add(it.span() + it.message()))
                .toList();
    }

    /**
     * Reads a policy file as {@link PolicyFile#parse} does, and refuses it also when a finding is an {@link Severity#ERROR}. Pure
     * and safe from any thread; never throws, whatever the text is.
     */
    public static Checked<Result> parse(String fileName, String text, HostMemory host) {
        return switch (PolicyFile.parse(fileName, text, host)) {
            case Checked.Invalid<PolicyFile>(List<Problem> problems) -> new Checked.Invalid<>(problems);
            case Checked.Valid<PolicyFile>(PolicyFile file) -> checked(fileName, text, file, null);
        };
    }

    /**
     * Refuses a file that has been read when a finding is an {@link Severity#ERROR}.
     *
     * @param fileName how problems call the file
     * @param text what {@code file} was read from
     * @param host null when nothing is to be said of one
     */
    public static Checked<Result> checked(String fileName, String text, PolicyFile file, @Nullable HostView host) {
        SourceText source = new SourceText(fileName, text);
        List<Problem> errors = new ArrayList<>();
        List<Problem> warnings = new ArrayList<>();
        for (Finding finding : of(file, host)) {
            (finding.severity() == Severity.ERROR ? errors : warnings).add(finding.problem(source));
        }
        if (errors.isEmpty()) {
            return new Checked.Valid<>(new Result(file, warnings));
        }
        return new Checked.Invalid<>(errors);
    }
}
