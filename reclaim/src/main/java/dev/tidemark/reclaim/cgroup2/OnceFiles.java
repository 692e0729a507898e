package dev.tidemark.reclaim.cgroup2;

import java.util.Arrays;

/**
 * Descriptors of a cgroup's files that one sample opens for itself and nobody keeps, by a number of each.
 *
 * <p><b>Thread:</b> confined to that which takes the sample.
 */
final class OnceFiles {
    private static final int UNKNOWN = -2;

    private final int[] descriptors = new int[KernelFile.values().length];
    private int open;

    OnceFiles() {
        Arrays.fill(descriptors, UNKNOWN);
    }

    /** Whether the file has been opened, or found not to be there. */
    boolean has(int file) {
        return descriptors[file] != UNKNOWN;
    }

    /** @param descriptor {@link KeptFiles#NONE} when there is no such file */
    void put(int file, int descriptor) {
        descriptors[file] = descriptor;
        open++;
    }

    /** The descriptor, which whoever takes it has to close; {@link KeptFiles#NONE} when there is no such file. */
    int take(int file) {
        int descriptor = descriptors[file];
        descriptors[file] = UNKNOWN;
        open--;
        return descriptor;
    }

    /** Forgets the files and closes what has not been taken. */
    void closeAll(CgroupFs fs) {
        for (int file = 0; open > 0; file++) {
            if (has(file)) {
                int descriptor = take(file);
                if (descriptor != KeptFiles.NONE) {
                    fs.close(descriptor);
                }
            }
        }
    }
}
