package dev.tidemark.config;

import dev.tidemark.config.GlobComponent.Exactly;
import dev.tidemark.config.GlobComponent.OneOf;
import dev.tidemark.config.GlobComponent.Part;
import dev.tidemark.config.GlobComponent.Range;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Whether globs can mean the same cgroup, whatever there is on any host.
 *
 * <p>Each list of globs is an automaton over the characters of paths; all of them are walked at once, breadth first, so that the
 * path found is a shortest. Of characters that no glob tells apart only one is tried. What would take too many steps is not decided.
 */
final class AnalysisGlobs {
    private static final int MAX_STEPS = 5_000;
    private static final int SLASH = '/';

    /** Where all automata are after some path. */
    private record Place(List<BitSet> states, String path) {}

    private final List<AnalysisAutomaton> wanted;
    private final List<AnalysisAutomaton> unwanted;
    private final int[] alphabet;

    private AnalysisGlobs(List<List<CgroupGlob>> wanted, List<List<CgroupGlob>> unwanted, boolean filled) {
        this.wanted = wanted.stream()
                .map(globs -> new AnalysisAutomaton(globs, filled))
                .toList();
        this.unwanted = unwanted.stream()
                .map(globs -> new AnalysisAutomaton(globs, false))
                .toList();
        this.alphabet = alphabet(all());
    }

    /**
     * A path that each list of {@code wanted} matches and none of {@code unwanted}; nothing when there is none, or when that cannot
     * be told with reasonable effort.
     */
    static Optional<String> common(List<List<CgroupGlob>> wanted, List<List<CgroupGlob>> unwanted) {
        // A path in which each star stands for something is the better example.
        return new AnalysisGlobs(wanted, unwanted, true)
                .search()
                .or(() -> new AnalysisGlobs(wanted, unwanted, false).search());
    }

    private List<AnalysisAutomaton> all() {
        List<AnalysisAutomaton> all = new ArrayList<>(wanted);
        all.addAll(unwanted);
        return all;
    }

    private Optional<String> search() {
        List<AnalysisAutomaton> all = all();
        Place first = new Place(all.stream().map(AnalysisAutomaton::start).toList(), "");
        Deque<Place> open = new ArrayDeque<>(List.of(first));
        Set<List<BitSet>> seen = new HashSet<>(Set.of(first.states));
        while (!open.isEmpty() && seen.size() < MAX_STEPS) {
            Place place = open.removeFirst();
            if (accepted(place)) {
                return Optional.of(place.path);
            }
            for (int point : alphabet) {
                List<BitSet> next = new ArrayList<>();
                for (int i = 0; i < all.size(); i++) {
                    next.add(all.get(i).step(place.states.get(i), point));
                }
                boolean possible = IntStream.range(0, wanted.size())
                        .noneMatch(i -> next.get(i).isEmpty());
                if (possible && seen.add(next)) {
                    open.add(new Place(next, place.path + Character.toString(point)));
                }
            }
        }
        return Optional.empty();
    }

    private boolean accepted(Place place) {
        for (int i = 0; i < place.states.size(); i++) {
            boolean wantedHere = i < wanted.size();
            AnalysisAutomaton automaton = wantedHere ? wanted.get(i) : unwanted.get(i - wanted.size());
            if (automaton.accepts(place.states.get(i)) != wantedHere) {
                return false;
            }
        }
        return true;
    }

    /** One of each set of characters that all parts treat alike, letters before others; the slash first: short names. */
    private static int[] alphabet(List<AnalysisAutomaton> automata) {
        TreeSet<Integer> borders = new TreeSet<>(List.of((int) ' ', SLASH, SLASH + 1, 0x7F));
        for (AnalysisAutomaton automaton : automata) {
            for (Part part : automaton.parts()) {
                switch (part) {
                    case Exactly(int point) -> borders.addAll(List.of(point, point + 1));
                    case OneOf(var _, List<Range> ranges) ->
                        ranges.forEach(range -> borders.addAll(List.of(range.first(), range.last() + 1)));
                    default -> {}
                }
            }
        }
        List<Integer> points = new ArrayList<>();
        for (int from : borders) {
            Integer to = borders.higher(from);
            int end = to == null ? Math.max(from, 0x7F) + 1 : to;
            if (from >= ' ' && from != 0x7F) {
                points.add(nicest(from, end));
            }
        }
        points.sort(Comparator.comparingInt(point -> rank(point)));
        return points.stream().mapToInt(Integer::intValue).toArray();
    }

    private static int nicest(int from, int end) {
        return IntStream.of('a', 'x', 'A', '0', '-', '.')
                .filter(point -> from <= point && point < end)
                .findFirst()
                .orElseGet(() -> IntStream.range(from, Math.min(end, from + 200))
                        .filter(point -> point >= 'a' && point <= 'z')
                        .findFirst()
                        .orElse(from));
    }

    private static int rank(int point) {
        return point == SLASH ? 0 : point >= 'a' && point <= 'z' ? 1 : Character.isLetterOrDigit(point) ? 2 : 3;
    }
}
