package dev.tidemark.triggers;

import java.io.IOException;
import java.io.Serial;

/** A kernel will not tell of something by itself, so that only sampling can find it. The message is one sentence with the remedy. */
public final class PushRefusedException extends IOException {

    @Serial
    private static final long serialVersionUID = 1;

    public PushRefusedException(String message) {
        super(message);
    }

    public PushRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
