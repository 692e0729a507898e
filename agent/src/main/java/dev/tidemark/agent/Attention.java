package dev.tidemark.agent;

import dev.tidemark.triggers.Cgroup;
import dev.tidemark.triggers.Sampler;
import dev.tidemark.triggers.SignalSet;
import dev.tidemark.triggers.TriggerEngine;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is read of which cgroup and what the kernel is to tell of it: always what the policies want by now.
 *
 * <p><b>Thread:</b> confined to the core thread.
 */
final class Attention {

    private final TriggerEngine triggers;
    private final Sampler sampler;
    private final PushFeed pushes;
    private final Map<Cgroup, Reading> readings = new HashMap<>();

    private @Nullable Reading latest;

    private record Reading(SignalSet signals, Duration period) {}

    Attention(TriggerEngine triggers, Sampler sampler, PushFeed pushes) {
        this.triggers = triggers;
        this.sampler = sampler;
        this.pushes = pushes;
    }

    /** Brings one up to date, new or known; one of which nothing has changed is not read anew for it. */
    void attend(Cgroup cgroup) {
        SignalSet signals = triggers.signals(cgroup);
        if (signals.isEmpty()) {
            readings.remove(cgroup);
            sampler.remove(cgroup);
        } else {
            Reading reading = shared(new Reading(signals, triggers.period(cgroup)));
            if (!reading.equals(readings.put(cgroup, reading))) {
                sampler.add(cgroup, signals, reading.period);
            }
        }
        // What is not read at all may still be told of.
        pushes.want(cgroup, triggers.pushes(cgroup));
    }

    /** Ten thousand cgroups of one policy are read alike. */
    private Reading shared(Reading reading) {
        Reading known = latest;
        if (known != null && known.equals(reading)) {
            return known;
        }
        latest = reading;
        return reading;
    }

    /** Looks at it no more. */
    void ignore(Cgroup cgroup) {
        readings.remove(cgroup);
        sampler.remove(cgroup);
        pushes.gone(cgroup);
    }
}
