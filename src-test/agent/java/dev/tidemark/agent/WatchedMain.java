package dev.tidemark.agent;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.StackWalker.StackFrame;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import reactor.blockhound.BlockHound;
import reactor.blockhound.BlockingMethod;
import reactor.core.publisher.Mono;

/**
 * {@link Main} with an eye on its threads: each call that may block, made on a thread that must not, becomes a line in a file, with
 * where it came from.
 *
 * <p>First it makes such calls itself, one of each kind, for a detector that is asleep finds nothing: what they come to is
 * between the lines {@value #AWAKE} and {@value #BEGUN}.
 */
final class WatchedMain {

    /** The system property that says where to write. */
    static final String FILE = "tidemark.blocking";

    static final String AWAKE = "is it awake?";
    static final String BEGUN = "the agent begins";

    private static final String CGROUP2 = "dev.tidemark.reclaim.cgroup2.";

    /** All calls of the C library, of files and of the disks; the detector sees none of these by itself. */
    private static final List<String> BLOCKING_CLASSES = List.of(
            CGROUP2 + "LibC",
            CGROUP2 + "CgroupFs",
            CGROUP2 + "Epoll",
            CGROUP2 + "SyncFileRange",
            "java.nio.file.Files",
            "java.nio.channels.FileChannel",
            "sun.nio.ch.FileChannelImpl");

    /** They only ask the JVM, or wake the one that waits. */
    private static final List<String> HARMLESS =
            List.of("handle", "errno", "failure", "unexpected", "lastName", "wake", "isOpen", "size");

    private WatchedMain() {}

    public static void main(String[] args) throws IOException, ClassNotFoundException {
        Path file = Files.createFile(Path.of(System.getProperty(FILE)));
        // Writing to it at once would block, too.
        Queue<String> found = new ConcurrentLinkedQueue<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> write(file, found)));
        watch(found);
        found.add(AWAKE);
        block(file);
        found.add(BEGUN);
        Main.main(args);
    }

    private static void write(Path file, Queue<String> found) {
        try {
            Files.write(file, found);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void watch(Queue<String> found) throws ClassNotFoundException {
        BlockHound.Builder detector = BlockHound.builder().loadIntegrations();
        for (String name : BLOCKING_CLASSES) {
            Class<?> type = Class.forName(name, false, WatchedMain.class.getClassLoader());
            Stream.of(type.getDeclaredMethods())
                    .filter(method -> !HARMLESS.contains(method.getName()))
                    .filter(method -> !method.isSynthetic() && !Modifier.isAbstract(method.getModifiers()))
                    .forEach(method -> detector.markAsBlocking(name, method.getName(), descriptor(method)));
        }
        detector.blockingMethodCallback(call -> found.add(told(call))).install();
    }

    private static String descriptor(Method method) {
        return MethodType.methodType(method.getReturnType(), method.getParameterTypes())
                .toMethodDescriptorString();
    }

    private static String told(BlockingMethod call) {
        String from = StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> frame.getClassName().startsWith("dev.tidemark."))
                        .map(StackFrame::toString)
                        .skip(2)
                        .collect(Collectors.joining(" < ")));
        return call.getClassName() + '.' + call.getName() + " on "
                + Thread.currentThread().getName() + " < " + from;
    }

    /** On the core's own kind of thread. */
    private static void block(Path file) {
        AgentSchedulers schedulers = AgentSchedulers.threads(1);
        Mono.fromCallable(() -> {
                    Thread.sleep(1);
                    try (FileInputStream stream = new FileInputStream(file.toFile());
                            FileChannel channel = FileChannel.open(file)) {
                        stream.read();
                        channel.read(ByteBuffer.allocate(1));
                    }
                    call(CGROUP2 + "LibC", "close", int.class, -1);
                    call(CGROUP2 + "CgroupFs", "exists", Path.class, file);
                    return Files.exists(file);
                })
                .subscribeOn(schedulers.core())
                .block();
        schedulers.dispose();
    }

    private static void call(String type, String method, Class<?> of, Object with) throws ReflectiveOperationException {
        Class<?> owner = Class.forName(type);
        Method called = owner.getDeclaredMethod(method, of);
        called.setAccessible(true);
        Object on = null;
        if (!Modifier.isStatic(called.getModifiers())) {
            Constructor<?> maker = owner.getDeclaredConstructor();
            maker.setAccessible(true);
            on = maker.newInstance();
        }
        called.invoke(on, with);
    }
}
