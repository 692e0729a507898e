package dev.tidemark.agent;

import dev.tidemark.agent.TextFile.UnreadableException;
import dev.tidemark.config.Checked;
import dev.tidemark.config.Problem;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/** Reads what the operator wrote, and says what is wrong with it. */
final class Input {

    private final PrintWriter err;

    Input(PrintWriter err) {
        this.err = err;
    }

    /** The file's value, or nothing when its problems have been printed instead. */
    <T> Optional<T> read(Path file, BiFunction<String, String, Checked<T>> parser) {
        try {
            return told(parser.apply(file.toString(), TextFile.read(file)));
        } catch (UnreadableException e) {
            err.println(file + ": " + e.reason());
            err.flush();
            return Optional.empty();
        }
    }

    /** The value, or nothing when its problems have been printed instead. */
    <T> Optional<T> told(Checked<T> checked) {
        return switch (checked) {
            case Checked.Valid<T>(T value) -> Optional.of(value);
            case Checked.Invalid<T>(List<Problem> problems) -> {
                problems.forEach(problem -> err.println(problem.render()));
                err.println(counted(problems.size()));
                err.flush();
                yield Optional.empty();
            }
        };
    }

    static String counted(int problems) {
        return problems == 1 ? "1 problem" : problems + " problems";
    }
}
