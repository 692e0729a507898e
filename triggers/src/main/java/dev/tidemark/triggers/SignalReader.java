package dev.tidemark.triggers;

import java.io.IOException;

/**
 * A kernel as triggers need it: the present values of a cgroup's signals.
 *
 * <p><b>Thread:</b> blocks, and is called on threads for files only; one cgroup may be read on two of them at once.
 * <b>Back-pressure:</b> none, one call is one read. <b>Time:</b> the caller stamps the values. <b>Failure:</b> see below;
 * nothing is retried here.
 */
@FunctionalInterface
public interface SignalReader {

    /**
     * Reads the signals of a cgroup.
     *
     * @param values receives the value of each signal at {@link SignalSet#slot}; NaN where the kernel does not have it
     * @throws CgroupGoneException when the cgroup with that id is gone
     * @throws IOException when it cannot be read now; {@code values} is then undefined
     */
    void read(Cgroup cgroup, SignalSet signals, double[] values) throws IOException;
}
