package dev.tidemark.agent.simulate;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Calls columns by their policy files: as short as tells them apart. */
public final class ColumnNames {

    private ColumnNames() {}

    /**
     * A name for each file, in their order, all different and none that of {@link Candidate#WITHOUT}: the file's name without its
     * ending; where that is not enough, with as many folders before it as it takes; for the same file again, with a number.
     */
    public static List<String> of(List<Path> files) {
        int[] parts = new int[files.size()];
        Arrays.fill(parts, 1);
        while (lengthened(files, parts)) {}
        Set<String> taken = new HashSet<>(Set.of(Candidate.WITHOUT.name()));
        List<String> names = new ArrayList<>();
        for (int i = 0; i < parts.length; i++) {
            String name = name(files.get(i), parts[i]);
            String distinct = name;
            for (int number = 2; !taken.add(distinct); number++) {
                distinct = name + " (" + number + ")";
            }
            names.add(distinct);
        }
        return names;
    }

    /** Gives those that are called alike one folder more, where they have one. */
    private static boolean lengthened(List<Path> files, int[] parts) {
        Map<String, Integer> uses = new HashMap<>(Map.of(Candidate.WITHOUT.name(), 1));
        for (int i = 0; i < parts.length; i++) {
            uses.merge(name(files.get(i), parts[i]), 1, Integer::sum);
        }
        boolean lengthened = false;
        for (int i = 0; i < parts.length; i++) {
            boolean alike = uses.getOrDefault(name(files.get(i), parts[i]), 0) > 1;
            if (alike && parts[i] < files.get(i).getNameCount()) {
                parts[i]++;
                lengthened = true;
            }
        }
        return lengthened;
    }

    private static String name(Path file, int parts) {
        int count = file.getNameCount();
        if (count == 0) {
            return file.toString();
        }
        String path = file.subpath(count - Math.min(parts, count), count).toString();
        for (String ending : List.of(".yaml", ".yml")) {
            if (path.endsWith(ending) && path.length() > ending.length()) {
                return path.substring(0, path.length() - ending.length());
            }
        }
        return path;
    }
}
