package dev.tidemark.bench;

import dev.tidemark.agent.Simulation;
import dev.tidemark.config.Scenario;
import dev.tidemark.config.Scenario.CgroupSpec;
import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.ReclaimEvent;
import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.CgroupGoneException;
import dev.tidemark.triggers.Decision;
import dev.tidemark.triggers.SignalSet;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** One number for all that happened in a run: each decision with its values, each request to reclaim with its answer, and how all ended. */
final class RunDigest {

    private final MessageDigest digest;
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    private long complaints;

    RunDigest() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    void add(Decision decision) {
        add(decision.cgroup().path());
        add(decision.watched().path());
        add(decision.policy().name());
        add(decision.from().name());
        add(decision.to().name());
        add(decision.cause().name());
        add(decision.nanos());
        add(decision.notBeforeNanos());
        for (Decision.Reading reading : decision.readings()) {
            add(reading.text());
            add(Double.doubleToLongBits(reading.value()));
        }
    }

    void add(ReclaimEvent event) {
        add(event.cgroup().path());
        add(event.policy().name());
        add(event.nanos());
        switch (event) {
            case ReclaimEvent.Reclaimed reclaimed -> {
                add(reclaimed.askedPages());
                add(reclaimed.result().pagesReclaimed());
                add(reclaimed.result().outcome().name());
                add(Double.doubleToLongBits(reclaimed.result().usageBytes()));
                add(reclaimed.result().startedNanos());
                add(reclaimed.result().finishedNanos());
            }
            case ReclaimEvent.Held held -> {
                add(held.reason().name());
                add(held.untilNanos());
            }
        }
    }

    /** How all ended: every signal of every cgroup and of the host, and how each process fared. */
    void add(Scenario scenario, Simulation host) {
        SignalSet signals = SignalSet.of(Signal.all().toArray(Signal[]::new));
        double[] values = new double[signals.size()];
        read(host, Cgroup.HOST, signals, values);
        for (CgroupSpec spec : scenario.cgroups()) {
            host.model().cgroup(spec.path()).ifPresent(cgroup -> read(host, cgroup, signals, values));
        }
        host.workloads().forEach(report -> add(report.toString()));
        add(host.events());
    }

    private void read(Simulation host, Cgroup cgroup, SignalSet signals, double[] values) {
        try {
            host.model().read(cgroup, signals, values);
        } catch (CgroupGoneException e) {
            add("gone");
            return;
        }
        for (double value : values) {
            add(Double.doubleToLongBits(value));
        }
    }

    void complaint(String line) {
        complaints++;
        add(line);
    }

    long complaints() {
        return complaints;
    }

    /** Of all so far; nothing more can be added. */
    String hex() {
        flush();
        return HexFormat.of().formatHex(digest.digest()).substring(0, 32);
    }

    private void add(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        add((long) bytes.length);
        if (bytes.length > buffer.remaining()) {
            flush();
        }
        if (bytes.length > buffer.capacity()) {
            digest.update(bytes);
        } else {
            buffer.put(bytes);
        }
    }

    private void add(long value) {
        if (buffer.remaining() < Long.BYTES) {
            flush();
        }
        buffer.putLong(value);
    }

    private void flush() {
        digest.update(buffer.flip());
        buffer.clear();
    }
}
