package dev.tidemark.agent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads what the operator wrote. */
final class TextFile {

    /** No sensible policy or scenario is larger; a file that is, is the wrong file. */
    private static final long LARGEST_FILE = 4L << 20;

    private TextFile() {}

    /** The file cannot be read; the message says why and begins with what the file is or lacks. */
    static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1;

        private final boolean absent;

        UnreadableException(String reason, boolean absent) {
            super(reason);
            this.absent = absent;
        }

        /** Whether there simply is no such file. */
        boolean absent() {
            return absent;
        }

        String reason() {
            return String.valueOf(getMessage());
        }
    }

    /** The whole text. Blocks. */
    static String read(Path file) throws UnreadableException {
        try {
            if (Files.isDirectory(file)) {
                throw new UnreadableException("is a directory, a YAML file was expected", false);
            }
            if (Files.size(file) > LARGEST_FILE) {
                throw new UnreadableException("is larger than 4 MiB, which no such file needs to be", false);
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                    .toString();
        } catch (NoSuchFileException e) {
            throw new UnreadableException("there is no such file", true);
        } catch (AccessDeniedException e) {
            throw new UnreadableException("may not be read by this user", false);
        } catch (CharacterCodingException e) {
            throw new UnreadableException("is not UTF-8 text", false);
        } catch (IOException e) {
            throw new UnreadableException("cannot be read: " + e.getMessage(), false);
        }
    }
}
