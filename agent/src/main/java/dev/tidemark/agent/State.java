package dev.tidemark.agent;

import dev.tidemark.reclaim.CgroupLimits;
import dev.tidemark.reclaim.Learnt;
import dev.tidemark.reclaim.LimitFile;
import dev.tidemark.reclaim.LimitJournal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/**
 * What an agent leaves for the next one.
 *
 * <p>Written as lines of words, each path last, since it may have blanks in it:
 *
 * <pre>
 * tidemark-state 1
 * boot 8b1c...        of the kernel that ids are ids of
 * root 1              id of the cgroup at the top
 * limit POLICY FILE ID BEFORE WRITTEN[,WRITTEN] PATH
 * learnt ID BYTES_PER_NANO CIRCUIT_FAILURES PATH
 * end 1a2b3c4d        CRC-32 of all that is before this line
 * </pre>
 *
 * @param boot which boot of which kernel, as {@code /proc/sys/kernel/random/boot_id} says
 * @param rootId id of the cgroup that paths begin at
 * @param limits what has to be put back
 * @param learnt what is worth knowing
 */
record State(String boot, long rootId, List<LimitJournal.Entry> limits, List<Learnt> learnt) {

    private static final String HEAD = "tidemark-state ";
    private static final String VERSION = "1";
    private static final String END = "end ";

    State {
        limits = List.copyOf(limits);
        learnt = List.copyOf(learnt);
    }

    /** It is not what it should be; the message is for people. */
    static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1;

        UnreadableException(String message) {
            super(message);
        }
    }

    byte[] written() {
        StringBuilder text = new StringBuilder();
        line(text, HEAD + VERSION);
        line(text, "boot " + boot);
        line(text, "root " + rootId);
        limits.stream().filter(entry -> isOneLine(entry.path())).forEach(entry -> line(text, line(entry)));
        learnt.stream().filter(each -> isOneLine(each.path())).forEach(each -> line(text, line(each)));
        line(text, END + sum(text.toString()));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void line(StringBuilder text, String line) {
        text.append(line).append('\n');
    }

    /** The kernel makes no cgroup with another name. */
    static boolean isOneLine(String path) {
        return path.indexOf('\n') < 0;
    }

    private static String line(LimitJournal.Entry entry) {
        String written = entry.writtenBytes().stream().map(State::bytes).collect(Collectors.joining(","));
        return String.join(
                " ",
                "limit",
                entry.policy(),
                entry.file().fileName(),
                Long.toString(entry.id()),
                bytes(entry.beforeBytes()),
                written,
                entry.path());
    }

    private static String line(Learnt each) {
        return "learnt " + each.id() + ' ' + each.bytesPerNano() + ' ' + each.circuitFailures() + ' ' + each.path();
    }

    private static String bytes(long bytes) {
        return bytes == CgroupLimits.MAX ? "max" : Long.toString(bytes);
    }

    private static String sum(String text) {
        CRC32 sum = new CRC32();
        sum.update(text.getBytes(StandardCharsets.UTF_8));
        return "%08x".formatted(sum.getValue());
    }

    /** @throws UnreadableException when it was not written whole by this version */
    static State read(byte[] content) throws UnreadableException {
        String text = new String(content, StandardCharsets.UTF_8);
        if (!text.startsWith(HEAD)) {
            throw new UnreadableException("it does not begin with \"" + HEAD.strip() + "\"");
        }
        String version = text.substring(HEAD.length(), Math.max(HEAD.length(), text.indexOf('\n')));
        if (!version.equals(VERSION)) {
            throw new UnreadableException(
                    "it is of version " + version + ", and this tidemark knows version " + VERSION);
        }
        int end = text.lastIndexOf("\n" + END) + 1;
        if (end == 0 || !text.substring(end).equals(END + sum(text.substring(0, end)) + "\n")) {
            throw new UnreadableException("its end is missing, or something in it was changed");
        }
        try {
            return of(text.substring(0, end).lines().skip(1).toList());
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new UnreadableException("a line of it has no meaning: " + e.getMessage());
        }
    }

    private static State of(List<String> lines) {
        String boot = "";
        long root = 0;
        List<LimitJournal.Entry> limits = new ArrayList<>();
        List<Learnt> learnt = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.split(" ", 2);
            switch (words[0]) {
                case "boot" -> boot = words[1];
                case "root" -> root = Long.parseLong(words[1]);
                case "limit" -> limits.add(limit(words[1].split(" ", 6)));
                case "learnt" -> learnt.add(learnt(words[1].split(" ", 4)));
                default -> throw new IllegalArgumentException(line);
            }
        }
        return new State(boot, root, limits, learnt);
    }

    private static LimitJournal.Entry limit(String[] words) {
        LimitFile file =
                LimitFile.named(words[1]).orElseThrow(() -> new IllegalArgumentException("unknown file " + words[1]));
        List<Long> written =
                Arrays.stream(words[4].split(",", -1)).map(State::bytes).toList();
        return new LimitJournal.Entry(words[0], words[5], Long.parseLong(words[2]), file, bytes(words[3]), written);
    }

    private static Learnt learnt(String[] words) {
        return new Learnt(words[3], Long.parseLong(words[0]), Double.parseDouble(words[1]), Integer.parseInt(words[2]));
    }

    private static long bytes(String word) {
        return word.equals("max") ? CgroupLimits.MAX : Long.parseLong(word);
    }
}
