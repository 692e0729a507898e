import dev.tidemark.config.Signal;

/** Prints which keys of the kernel's files the agent has signals for: scope, file, key, since which Linux, and the signal's name. */
public final class Catalog {

    private Catalog() {}

    public static void main(String[] arguments) {
        for (Signal signal : Signal.all()) {
            if (signal.file().isEmpty()) {
                continue; // computed from others
            }
            if (signal.keys().isEmpty()) {
                print(signal, "-"); // the file is one number
            }
            signal.keys().forEach(key -> print(signal, key));
        }
    }

    private static void print(Signal signal, String key) {
        System.out.println(
                String.join(" ", signal.scope().name(), signal.file(), key, signal.since(), signal.dotted()));
    }
}
