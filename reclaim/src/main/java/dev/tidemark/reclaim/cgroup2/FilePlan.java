package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.config.Signal;
import dev.tidemark.reclaim.cgroup2.KernelFile.Format;
import java.util.ArrayList;
import java.util.List;

/**
 * What to look for in one file, and where it goes. Made once a set of signals, so that parsing neither allocates nor asks twice.
 *
 * <p><b>Thread:</b> any; it does not change once it is made.
 */
final class FilePlan {
    /** A signal's slot and the positions of its keys, whose numbers are added up. */
    private static final class Place {
        private final int slot;
        private final int[] keys;
        private final Signal.Scale scale;

        Place(int slot, int[] keys, Signal.Scale scale) {
            this.slot = slot;
            this.keys = keys;
            this.scale = scale;
        }
    }

    private final Format format;
    private final int pageBytes;
    private final List<String> names = new ArrayList<>();
    private final List<Place> places = new ArrayList<>();
    // Both made from the lists as the plan is finished.
    private byte[][] keys = {};
    private Place[] placed = {};

    FilePlan(Format format, int pageBytes) {
        this.format = format;
        this.pageBytes = pageBytes;
    }

    /** The signal's value goes to this slot. */
    FilePlan add(Signal signal, int slot) {
        List<String> wanted = format == Format.NUMBER ? List.of("") : signal.keys();
        places.add(new Place(slot, wanted.stream().mapToInt(this::key).toArray(), signal.scale()));
        return finished();
    }

    /** The position of a key among what is found; looked for from here on. */
    int key(String name) {
        int position = names.indexOf(name);
        if (position < 0) {
            position = names.size();
            names.add(name);
            finished();
        }
        return position;
    }

    private FilePlan finished() {
        keys = names.stream().map(KernelText::key).toArray(byte[][]::new);
        placed = places.toArray(Place[]::new);
        return this;
    }

    /** How many keys are looked for. */
    int size() {
        return keys.length;
    }

    /** Whether it is worth knowing where the keys were the last time. */
    boolean hasPlaces() {
        return format == Format.KEYED;
    }

    /** Looks for the keys; the numbers found, NaN for those that are not there, at the positions of {@link #key}. */
    double[] find(Scratch scratch, int length) {
        double[] found = scratch.found(keys.length);
        byte[] text = scratch.bytes(length);
        switch (format) {
            case NUMBER -> found[0] = KernelText.single(text, length);
            case KEYED -> KernelText.flatKeyed(text, length, keys, found);
            case MEMINFO -> KernelText.memInfo(text, length, keys, found);
            case PRESSURE -> KernelText.pressure(text, length, keys, found);
        }
        return found;
    }

    /** As {@link #find(Scratch, int)}, looking first where the keys of this cgroup's file were the last time. */
    double[] find(Scratch scratch, int length, KeyPlaces places) {
        double[] found = scratch.found(keys.length);
        KernelText.flatKeyed(scratch.bytes(length), length, keys, places, found);
        return found;
    }

    /** Writes each signal's value to its slot. */
    void put(double[] found, double[] values) {
        for (Place place : placed) {
            double sum = 0;
            for (int key : place.keys) {
                sum += found[key];
            }
            values[place.slot] = place.scale.of(sum, pageBytes);
        }
    }
}
