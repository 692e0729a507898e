package dev.tidemark.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** How guards are written: a key for each, {@code none} for one that is not wanted. */
final class GuardKeys implements Kind<List<Guard>> {
    static final Kind<List<Guard>> KIND = new GuardKeys();

    private static final String ALL_THE_TIME =
            "Share of time with some task stalled on %s above which nothing is taken.";

    /** What memory.min and memory.low are taken for. */
    private enum Kept {
        EFFECTIVE,
        NONE
    }

    /** A guard that can be written. */
    private record Form<T>(Key<Optional<T>> key, Function<T, Guard> make) {
        Optional<Guard> read(Fields fields, FileScope scope) {
            return fields.get(key, scope).map(make);
        }
    }

    private static final Key<Kept> PROTECTION = Key.optional(
            "protection",
            Kinds.word(Kept.class),
            Kept.EFFECTIVE,
            "effective leaves the cgroup what memory.min and memory.low keep for it, its own and those above, which the kernel"
                    + " would not: it ignores those of the cgroup that it is told to reclaim from.");

    private static final List<Form<?>> FORMS = List.of(
            form(
                    "swap",
                    Kinds.pages(Long.MAX_VALUE),
                    Optional.of(Guard.Swap.DEFAULT_BYTES),
                    "Swap that the cgroup must still be allowed for anonymous memory to be taken; with less only file pages are.",
                    Guard.Swap::new),
            form(
                    "margin",
                    Kinds.bytes(),
                    Optional.empty(),
                    "Reclaimable memory that is left alone: usage stays above what is unreclaimable by this much.",
                    Guard.Margin::new),
            form(
                    "ratio",
                    Kinds.share(),
                    Optional.empty(),
                    "Share of the limit below which usage is not brought.",
                    Guard.Ratio::new),
            form("psi", Kinds.share(), Optional.empty(), ALL_THE_TIME.formatted("memory"), Guard.Psi::new),
            form("io_psi", Kinds.share(), Optional.empty(), ALL_THE_TIME.formatted("block devices"), Guard.IoPsi::new),
            form(
                    "refault_ratio",
                    Kinds.share(),
                    Optional.empty(),
                    "Pages read back for each page taken above which nothing is taken for a while.",
                    Guard.RefaultRatio::new),
            form(
                    "major_faults",
                    Kinds.rate(),
                    Optional.empty(),
                    "Faults that have to read, per second, above which nothing is taken.",
                    Guard.MajorFaults::new),
            form(
                    "livelock",
                    Kinds.duration(Guard.Livelock.SHORTEST, Guard.Livelock.LONGEST),
                    Optional.empty(),
                    "How long taking may go on of which half is read back while usage does not fall; then nothing is taken for as long,"
                            + " and longer each time.",
                    Guard.Livelock::new),
            form(
                    "kswapd",
                    Kinds.rate(),
                    Optional.empty(),
                    "Pages per second scanned by kswapd on the host above which nothing is taken.",
                    Guard.Kswapd::new));

    private static final Shape SHAPE = new Shape("guards", keys());

    private GuardKeys() {}

    private static <T> Form<T> form(
            String name, Kind<T> kind, Optional<T> fallback, String description, Function<T, Guard> make) {
        return new Form<>(Key.optional(name, Kinds.orNone(kind), fallback, description), make);
    }

    private static List<Key<?>> keys() {
        List<Key<?>> keys = new ArrayList<>();
        keys.add(PROTECTION);
        FORMS.forEach(form -> keys.add(form.key()));
        return List.copyOf(keys);
    }

    @Override
    public List<Guard> read(YamlNode node, String what, FileScope scope) {
        Fields fields = Fields.of(node, scope.problems(), SHAPE);
        List<Guard> guards = new ArrayList<>();
        if (fields.get(PROTECTION, scope) == Kept.EFFECTIVE) {
            guards.add(new Guard.Protection());
        }
        FORMS.forEach(form -> form.read(fields, scope).ifPresent(guards::add));
        return List.copyOf(guards);
    }

    @Override
    public Map<String, Object> schema() {
        return SHAPE.schema();
    }

    @Override
    public Object written(List<Guard> guards) {
        return Map.of();
    }
}
