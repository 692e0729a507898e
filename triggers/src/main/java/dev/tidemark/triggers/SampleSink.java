package dev.tidemark.triggers;

/**
 * Takes what a {@link Sampler} has seen: samples one by one, and after some of them, which may be one, a flush.
 *
 * <p><b>Thread:</b> of one cgroup perhaps on two threads at once. Must not block. <b>Back-pressure:</b> none. <b>Failure:</b> what it
 * throws is told as a failure of that sample's cgroup.
 */
@FunctionalInterface
public interface SampleSink {

    /** Takes a sample; need not tell anybody before {@link #flush}. */
    void accept(Sample sample);

    /** What has been taken is to be looked at now. */
    default void flush() {}
}
