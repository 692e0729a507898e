package dev.tidemark.config;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** How much a policy asks for while it is active, and how often: a control law with its parameters. */
public sealed interface Law {

    /** As files write it: {@code senpai_limit}. */
    String word();

    /** What it looks at of a cgroup that it takes memory from, beside usage. */
    default Set<Signal> signals() {
        return Set.of();
    }

    /** What lies between usage and the usage at which STOP holds, at most a batch at a time, as fast as it goes. */
    record Watermark() implements Law {
        @Override
        public String word() {
            return "watermark";
        }
    }

    /** A whole batch at a time, as fast as it goes. */
    record Fixed() implements Law {
        @Override
        public String word() {
            return "fixed";
        }
    }

    /** Laws that take some memory, wait, look at what it did, and take some again. */
    sealed interface Paced extends Law {
        /** From one amount to the next, 100 ms to 1 h. */
        Duration every();

        /** The most of usage that one amount may be, above 0 to 1. */
        double most();
    }

    /**
     * Less the more tasks are stalled: {@code usage * ratio * max(0, 1 - stalled / threshold)}. Weiner et al., TMO: Transparent
     * Memory Offloading in Datacenters, ASPLOS 2022, section 3.3.
     *
     * @param threshold share of time in which some task is stalled on memory from which on nothing is taken, above 0 to 1
     * @param ratio of usage that is taken where nothing stalls, above 0 to 1
     * @param gain multiplies the amount, 0.01 to 100
     */
    record Tmo(double threshold, double ratio, double gain, double most, Duration every) implements Paced {
        /** As published: 0.1 %, 0.0005, at most 1 %, each 6 s. */
        public static final Tmo DEFAULT = new Tmo(0.001, 0.0005, 1, 0.01, Duration.ofSeconds(6));

        @Override
        public String word() {
            return "tmo";
        }

        @Override
        public Set<Signal> signals() {
            return Set.of(Signal.PSI_SOME_TOTAL);
        }
    }

    /**
     * A share of what could be taken, fading out as pressure of memory or of the disks comes near a threshold: senpai of oomd with
     * {@code immediate_backoff}, which takes all of the share below the threshold and nothing above. Pressure is the greater of the
     * averages over 10 and 60 s.
     *
     * @param threshold share of time in which some task is stalled on memory from which on nothing is taken, above 0 to 1
     * @param ioThreshold the same for the disks
     * @param most the share, of what is reclaimable less the reserve
     * @param reserveBytes reclaimable memory that is left alone
     */
    record Senpai(double threshold, double ioThreshold, double most, long reserveBytes, Duration every)
            implements Paced {
        /** As oomd has it: 0.1 %, 0.1 %, 1 %, 100 MiB, each 6 s. */
        public static final Senpai DEFAULT = new Senpai(0.001, 0.001, 0.01, 100L << 20, Duration.ofSeconds(6));

        @Override
        public String word() {
            return "senpai";
        }

        @Override
        public Set<Signal> signals() {
            Set<Signal> signals = new HashSet<>(Signal.RECLAIMABLE.parts());
            signals.addAll(List.of(
                    Signal.PSI_SOME_AVG10, Signal.PSI_SOME_AVG60, Signal.PSI_IO_SOME_AVG10, Signal.PSI_IO_SOME_AVG60));
            return signals;
        }
    }

    /**
     * A limit of the law's own that sinks while tasks are stalled for less than a target, rises while for more, and above which
     * everything is taken: senpai of oomd without {@code immediate_backoff}. There the limit is written to memory.high; here it is
     * nowhere but in the agent, so that nothing is throttled and nothing is left behind. With {@code e = stall / stalled} it sinks
     * by {@code most * (e / probe)^2}, and with {@code e = stalled / stall} it rises by {@code backoff * (e / relief)^2}, by no more
     * than {@code most} and {@code backoff}.
     *
     * @param stall stall time on memory within {@code every} that is aimed at, 1 us to 1 h
     * @param probe how many times less than that lets the limit sink by the most, 1 to 1000
     * @param backoff the most of itself by which the limit rises, above 0 to 1
     * @param relief how many times more than {@code stall} lets it rise by that, 1 to 1000
     * @param reserveBytes reclaimable memory that is left alone
     */
    record SenpaiLimit(
            Duration stall, double probe, double backoff, double relief, double most, long reserveBytes, Duration every)
            implements Paced {
        /** As oomd has it: 10 ms, 10, 100 %, 20, 1 %, 100 MiB, each 6 s. */
        public static final SenpaiLimit DEFAULT =
                new SenpaiLimit(Duration.ofMillis(10), 10, 1, 20, 0.01, 100L << 20, Duration.ofSeconds(6));

        @Override
        public String word() {
            return "senpai_limit";
        }

        @Override
        public Set<Signal> signals() {
            Set<Signal> signals = new HashSet<>(Signal.RECLAIMABLE.parts());
            signals.add(Signal.PSI_SOME_TOTAL);
            return signals;
        }
    }

    /**
     * Additive increase, multiplicative decrease: each time a little more, and a part of it once it hurts. Chiu and Jain, Analysis
     * of the Increase and Decrease Algorithms for Congestion Avoidance in Computer Networks, 1989.
     *
     * @param threshold share of time in which some task is stalled on memory, above which it hurts, above 0 to 1
     * @param increaseBytes added each time it does not hurt
     * @param decrease what the amount is multiplied with when it does, above 0 and below 1
     */
    record Aimd(double threshold, long increaseBytes, double decrease, double most, Duration every) implements Paced {
        /** 0.1 %, 1 MiB, a half, at most 1 % of usage, each 6 s. */
        public static final Aimd DEFAULT = new Aimd(0.001, 1L << 20, 0.5, 0.01, Duration.ofSeconds(6));

        @Override
        public String word() {
            return "aimd";
        }

        @Override
        public Set<Signal> signals() {
            return Set.of(Signal.PSI_SOME_TOTAL);
        }
    }
}
