package dev.tidemark.reclaim.cgroup2;

import dev.tidemark.config.Signal;
import dev.tidemark.triggers.SignalSet;
import java.util.ArrayList;
import java.util.List;

/**
 * Which files a set of signals needs, and what goes where. Made once a set, so that a read neither allocates nor asks
 * twice for one file.
 */
final class ReadPlan {
    /** Where a key of a keyed file goes: {@code values[slot] = found[first]}, or the sum with {@code second} if that is there. */
    private record Place(int slot, int first, int second, int instead) {}

    private static final int NONE = -1;

    final int usageSlot;
    final int swapSlot;
    final int limitSlot;
    final int maxSlot;
    final int highSlot;
    final byte[][] statKeys;
    final byte[][] eventKeys;
    private final Place[] statPlaces;
    private final Place[] eventPlaces;
    private final int[] pressureSlots = new int[KernelText.PRESSURE_VALUES];
    private final boolean pressure;

    ReadPlan(SignalSet signals) {
        usageSlot = signals.slot(Signal.USAGE);
        swapSlot = signals.slot(Signal.SWAP_USAGE);
        limitSlot = signals.slot(Signal.LIMIT);
        maxSlot = signals.slot(Signal.MAX);
        highSlot = signals.slot(Signal.HIGH);

        Keys stat = new Keys(signals);
        stat.add(Signal.PGFAULT, "pgfault");
        stat.add(Signal.PGMAJFAULT, "pgmajfault");
        stat.add(Signal.PGSCAN, "pgscan");
        stat.add(Signal.PGSTEAL, "pgsteal");
        stat.add(Signal.DIRTY, "file_dirty");
        stat.add(Signal.WRITEBACK, "file_writeback");
        // Kernels with one counter for both kinds call it by the name without a kind.
        stat.addSum(Signal.REFAULT, "workingset_refault_anon", "workingset_refault_file", "workingset_refault");
        statKeys = stat.keys();
        statPlaces = stat.places();

        Keys events = new Keys(signals);
        events.add(Signal.EVENTS_MAX, "max");
        events.add(Signal.EVENTS_HIGH, "high");
        events.add(Signal.EVENTS_OOM, "oom");
        events.add(Signal.EVENTS_OOM_KILL, "oom_kill");
        eventKeys = events.keys();
        eventPlaces = events.places();

        pressureSlots[KernelText.AVG10] = signals.slot(Signal.PSI_SOME_AVG10);
        pressureSlots[KernelText.AVG60] = signals.slot(Signal.PSI_SOME_AVG60);
        pressureSlots[KernelText.AVG300] = signals.slot(Signal.PSI_SOME_AVG300);
        pressureSlots[KernelText.TOTAL] = signals.slot(Signal.PSI_SOME_TOTAL);
        pressureSlots[KernelText.FULL + KernelText.AVG10] = signals.slot(Signal.PSI_FULL_AVG10);
        pressureSlots[KernelText.FULL + KernelText.AVG60] = signals.slot(Signal.PSI_FULL_AVG60);
        pressureSlots[KernelText.FULL + KernelText.AVG300] = signals.slot(Signal.PSI_FULL_AVG300);
        pressureSlots[KernelText.FULL + KernelText.TOTAL] = signals.slot(Signal.PSI_FULL_TOTAL);
        boolean any = false;
        for (int slot : pressureSlots) {
            any |= slot >= 0;
        }
        pressure = any;
    }

    boolean readsStat() {
        return statKeys.length > 0;
    }

    boolean readsEvents() {
        return eventKeys.length > 0;
    }

    boolean readsPressure() {
        return pressure;
    }

    boolean readsLimits() {
        return limitSlot >= 0 || maxSlot >= 0 || highSlot >= 0;
    }

    void stat(double[] found, double[] values) {
        put(statPlaces, found, values);
    }

    void events(double[] found, double[] values) {
        put(eventPlaces, found, values);
    }

    void pressure(double[] found, double[] values) {
        for (int i = 0; i < pressureSlots.length; i++) {
            if (pressureSlots[i] >= 0) {
                values[pressureSlots[i]] = found[i];
            }
        }
    }

    private static void put(Place[] places, double[] found, double[] values) {
        for (Place place : places) {
            double value = found[place.first];
            if (place.second != NONE) {
                value += found[place.second];
            }
            if (Double.isNaN(value) && place.instead != NONE) {
                value = found[place.instead];
            }
            values[place.slot] = value;
        }
    }

    private static final class Keys {
        private final SignalSet signals;
        private final List<byte[]> keys = new ArrayList<>();
        private final List<Place> places = new ArrayList<>();

        Keys(SignalSet signals) {
            this.signals = signals;
        }

        void add(Signal signal, String key) {
            int slot = signals.slot(signal);
            if (slot >= 0) {
                places.add(new Place(slot, index(key), NONE, NONE));
            }
        }

        void addSum(Signal signal, String first, String second, String instead) {
            int slot = signals.slot(signal);
            if (slot >= 0) {
                places.add(new Place(slot, index(first), index(second), index(instead)));
            }
        }

        private int index(String key) {
            keys.add(KernelText.key(key));
            return keys.size() - 1;
        }

        byte[][] keys() {
            return keys.toArray(byte[][]::new);
        }

        Place[] places() {
            return places.toArray(Place[]::new);
        }
    }
}
