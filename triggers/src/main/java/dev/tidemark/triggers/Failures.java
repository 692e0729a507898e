package dev.tidemark.triggers;

/** Which throwables are contained and which end the process. */
final class Failures {

    private Failures() {}

    /** A virtual machine that is out of memory or broken is not kept going; everything else is one cgroup's failure. */
    static void rethrowIfFatal(Throwable t) {
        if (t instanceof VirtualMachineError fatal && !(t instanceof StackOverflowError)) {
            throw fatal;
        }
    }
}
