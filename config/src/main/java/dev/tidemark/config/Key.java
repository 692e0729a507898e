package dev.tidemark.config;

/**
 * A key of a mapping in a policy file.
 *
 * @param required whether it must be there
 * @param fallback the value where it is left out; of one that is required what stands in for it
 * @param description one sentence for people
 */
record Key<T>(String name, Kind<T> kind, boolean required, T fallback, String description) {
    static <T> Key<T> required(String name, Kind<T> kind, T standIn, String description) {
        return new Key<>(name, kind, true, standIn, description);
    }

    static <T> Key<T> optional(String name, Kind<T> kind, T fallback, String description) {
        return new Key<>(name, kind, false, fallback, description);
    }

    /** How the value is written that it has when it is left out. */
    Object writtenFallback() {
        return kind.written(fallback);
    }
}
