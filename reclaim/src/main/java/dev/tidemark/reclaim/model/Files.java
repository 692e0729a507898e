package dev.tidemark.reclaim.model;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Files by name, the same for all; each page of one is charged to whoever brings it in. */
final class Files {

    private final Folios folios;
    private final Map<String, Mapping> byName = new HashMap<>();

    Files(Folios folios) {
        this.folios = folios;
    }

    /** {@code O_CREAT}. */
    Mapping open(MemCgroup memcg, String name) {
        return byName.computeIfAbsent(name, k -> new Mapping(folios, false, memcg));
    }

    @Nullable
    Mapping find(String name) {
        return byName.get(name);
    }

    @Nullable
    Mapping remove(String name) {
        return byName.remove(name);
    }
}
