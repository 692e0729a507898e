package dev.tidemark.agent;

/** What the process tells its caller by its exit status. */
final class ExitStatus {

    static final int OK = 0;
    /** Tidemark itself failed, or a policy test has. */
    static final int FAILED = 1;
    /** The command line or a file was wrong; nothing was done. */
    static final int BAD_INPUT = 2;
    /** The host lacks what is needed, its socket is another agent's, or no agent runs that could be asked; nothing was done. */
    static final int HOST_LACKS = 3;

    private ExitStatus() {}
}
