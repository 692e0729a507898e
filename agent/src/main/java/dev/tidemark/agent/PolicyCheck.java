package dev.tidemark.agent;

import dev.tidemark.config.PolicyFile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says whether the text of a policy file may run here. */
@FunctionalInterface
interface PolicyCheck {

    /** May block. Never throws on account of the text. */
    Verdict check(String text);

    /**
     * What became of a text.
     *
     * @param file what may run, or null when nothing of it may
     * @param told what to tell the operator: without a file, all that is wrong with it; else what he had better know
     */
    record Verdict(@Nullable PolicyFile file, List<String> told) {
        public Verdict {
            told = List.copyOf(told);
        }

        static Verdict refused(List<String> problems) {
            return new Verdict(null, problems);
        }

        static Verdict accepted(PolicyFile file, List<String> warnings) {
            return new Verdict(file, warnings);
        }
    }
}
