package dev.tidemark.reclaim.cgroup2;

import java.io.Serial;
import java.util.List;

/** The host lacks something that the policies need. Each lack is one sentence with its remedy; all are told at once. */
public final class HostLacksException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final String[] lacks;

    /** @param lacks each one sentence with its remedy; at least one */
    public HostLacksException(List<String> lacks) {
        super(String.join("\n", lacks), null, false, false);
        this.lacks = lacks.toArray(String[]::new);
    }

    /** One sentence a lack; {@link #getMessage} has them on a line each. */
    public List<String> lacks() {
        return List.of(lacks);
    }
}
