package dev.tidemark.reclaim.cgroup2;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A kernel that tells when it is told to, of the files of a {@link FakeHost}. */
final class FakePushKernel implements PushKernel {
    private record Event(int key, boolean failed, Optional<IOException> broken) {}

    /** What a call does before it is answered. */
    interface Before {
        void call(Path file) throws IOException;
    }

    final List<String> written = new CopyOnWriteArrayList<>();
    final Set<String> threads = ConcurrentHashMap.newKeySet();
    final AtomicInteger opened = new AtomicInteger();
    final AtomicInteger added = new AtomicInteger();
    final AtomicInteger closed = new AtomicInteger();
    volatile boolean privileged = true;
    volatile boolean released;
    volatile int mostAtOnce = 64;
    volatile Before beforeOpen = file -> {};
    volatile Before afterOpen = file -> {};
    volatile Before beforeClose = file -> {};
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final Map<Integer, Path> files = new ConcurrentHashMap<>();
    private final Map<Path, Integer> keys = new ConcurrentHashMap<>();
    private final List<Event> ready = new ArrayList<>();

    static IOException errno(String words) {
        return new FileSystemException("file", null, words);
    }

    /** The kernel tells of a file. */
    void tell(Path file, boolean failed) {
        Integer key = keys.get(file);
        if (key == null) {
            throw new AssertionError("nobody waits for " + file + " but for " + keys.keySet());
        }
        events.add(new Event(key, failed, Optional.empty()));
    }

    /** The next waiting fails. */
    void fail(IOException broken) {
        events.add(new Event(0, false, Optional.of(broken)));
    }

    Set<Path> waitedFor() {
        return Set.copyOf(keys.keySet());
    }

    @Override
    public int open(Path file, boolean writable) throws IOException {
        threads.add(Thread.currentThread().getName());
        beforeOpen.call(file);
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString());
        }
        int descriptor = 100 + opened.getAndIncrement();
        files.put(descriptor, file);
        afterOpen.call(file);
        return descriptor;
    }

    @Override
    public void write(int descriptor, String text) throws IOException {
        threads.add(Thread.currentThread().getName());
        long window = Long.parseLong(text.substring(text.lastIndexOf(' ') + 1, text.length() - 1));
        if (!privileged && window % 2_000_000 != 0) {
            throw errno("Invalid argument");
        }
        written.add(text);
    }

    @Override
    public int read(int descriptor, byte[] into) throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file(descriptor));
        } catch (NoSuchFileException _) {
            throw errno("No such device");
        }
        System.arraycopy(bytes, 0, into, 0, bytes.length);
        return bytes.length;
    }

    @Override
    public void close(int descriptor) {
        try {
            beforeClose.call(file(descriptor));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        files.remove(descriptor);
        closed.incrementAndGet();
    }

    @Override
    public void add(int descriptor, int key) {
        threads.add(Thread.currentThread().getName());
        keys.put(file(descriptor), key);
        added.incrementAndGet();
    }

    @Override
    public void remove(int descriptor) {
        threads.add(Thread.currentThread().getName());
        keys.remove(file(descriptor));
    }

    private Path file(int descriptor) {
        Path file = files.get(descriptor);
        if (file == null) {
            throw new AssertionError("descriptor " + descriptor + " is not open");
        }
        return file;
    }

    @Override
    public int await(boolean wait) throws IOException {
        ready.clear();
        try {
            if (wait) {
                ready.add(events.take());
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        events.drainTo(ready, mostAtOnce - ready.size());
        for (Event event : ready) {
            if (event.broken.isPresent()) {
                throw event.broken.get();
            }
        }
        return ready.size();
    }

    @Override
    public int key(int i) {
        return ready.get(i).key;
    }

    @Override
    public boolean failed(int i) {
        return ready.get(i).failed;
    }

    @Override
    public void wake() {
        if (released) {
            throw new AssertionError("woken after it was closed");
        }
        events.add(new Event(WOKEN, false, Optional.empty()));
    }

    @Override
    public void close() {
        released = true;
    }
}
