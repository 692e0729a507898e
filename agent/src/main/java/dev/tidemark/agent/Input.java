package dev.tidemark.agent;

import dev.tidemark.config.Checked;
import dev.tidemark.config.Problem;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/** Reads what the operator wrote, and says what is wrong with it. */
final class Input {

    /** No sensible policy or scenario is larger; a file that is, is the wrong file. */
    private static final long LARGEST_FILE = 4L << 20;

    private final PrintWriter err;

    Input(PrintWriter err) {
        this.err = err;
    }

    /** The file's value, or nothing when its problems have been printed instead. */
    <T> Optional<T> read(Path file, BiFunction<String, String, Checked<T>> parser) {
        try {
            if (Files.isDirectory(file)) {
                return refuse(file, "is a directory, a YAML file was expected");
            }
            if (Files.size(file) > LARGEST_FILE) {
                return refuse(file, "is larger than 4 MiB, which no such file needs to be");
            }
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                    .toString();
            return checked(parser.apply(file.toString(), text));
        } catch (NoSuchFileException e) {
            return refuse(file, "there is no such file");
        } catch (AccessDeniedException e) {
            return refuse(file, "may not be read by this user");
        } catch (CharacterCodingException e) {
            return refuse(file, "is not UTF-8 text");
        } catch (IOException e) {
            return refuse(file, "cannot be read: " + e.getMessage());
        }
    }

    private <T> Optional<T> checked(Checked<T> checked) {
        return switch (checked) {
            case Checked.Valid<T>(T value) -> Optional.of(value);
            case Checked.Invalid<T>(List<Problem> problems) -> {
                problems.forEach(problem -> err.println(problem.render()));
                err.println(problems.size() == 1 ? "1 problem" : problems.size() + " problems");
                err.flush();
                yield Optional.empty();
            }
        };
    }

    private <T> Optional<T> refuse(Path file, String reason) {
        err.println(file + ": " + reason);
        err.flush();
        return Optional.empty();
    }
}
