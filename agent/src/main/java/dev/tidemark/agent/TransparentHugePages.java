package dev.tidemark.agent;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/**
 * Keeps khugepaged out of this process. It collapses small pages while it holds the mmap lock for writing, at nice 19: on a busy
 * host it is put aside with the lock in its hand, and whichever thread of ours takes a page fault waits until it runs again
 * (measured in the lab: 0.2 to 0.5 s). Small pages also cost less memory, as no 2 MiB is filled for the sake of a few KiB.
 *
 * <p><b>Source:</b> prctl(2) {@code PR_SET_THP_DISABLE}; {@code mm/khugepaged.c}, {@code collapse_huge_page}.
 */
@SuppressWarnings("restricted") // prctl is of the C library and has this signature
final class TransparentHugePages {
    private static final int PR_SET_THP_DISABLE = 41;

    private TransparentHugePages() {}

    /** For this process from now on, and its children; huge pages it has stay. False where the kernel refuses, before 3.15. */
    static boolean disable() {
        Linker linker = Linker.nativeLinker();
        MethodHandle prctl = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("prctl"),
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                Linker.Option.firstVariadicArg(1));
        try {
            return (int) prctl.invokeExact(PR_SET_THP_DISABLE, 1L, 0L, 0L, 0L) == 0;
        } catch (Throwable e) {
            throw new IllegalStateException("a call of the C library went wrong", e);
        }
    }
}
