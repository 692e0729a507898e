package dev.tidemark.config;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds what was probably meant. */
final class Nearest {
    private static final int MAX_LENGTH = 64;

    private Nearest() {}

    /** The candidate with the fewest changes to {@code word}, if that is few for its length; the first of equals. */
    static @Nullable String to(String word, Collection<String> candidates) {
        if (word.length() > MAX_LENGTH) {
            return null;
        }
        @Nullable String best = null;
        int fewest = word.length() == 1 ? 1 : Math.max(1, Math.min(3, word.length() / 3)) + 1;
        for (String candidate : candidates) {
            if (Math.abs(candidate.length() - word.length()) >= fewest) {
                continue;
            }
            int changes = candidate.equalsIgnoreCase(word)
                    ? 0
                    : distance(word.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
            if (changes < fewest) {
                fewest = changes;
                best = candidate;
            }
        }
        return best;
    }

    /** {@code ; did you mean "x"?}, or the candidates when none is near. */
    static String hint(String word, String known, Collection<String> candidates) {
        return hint(word, known, candidates, candidates);
    }

    /**
     * @param listed the candidates to name when none is near
     */
    static String hint(String word, String known, Collection<String> candidates, Collection<String> listed) {
        @Nullable String near = to(word, candidates);
        return near != null ? "; did you mean \"" + near + "\"?" : "; " + known + " are " + String.join(", ", listed);
    }

    /** Insertions, deletions, replacements and swaps of neighbours. */
    private static int distance(String from, String to) {
        int[][] changes = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                if (i == 0 || j == 0) {
                    changes[i][j] = i + j;
                    continue;
                }
                int replaced = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
                int least =
                        Math.min(Math.min(changes[i - 1][j], changes[i][j - 1]) + 1, changes[i - 1][j - 1] + replaced);
                boolean swapped = i > 1
                        && j > 1
                        && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1);
                changes[i][j] = swapped ? Math.min(least, changes[i - 2][j - 2] + 1) : least;
            }
        }
        return changes[from.length()][to.length()];
    }
}
