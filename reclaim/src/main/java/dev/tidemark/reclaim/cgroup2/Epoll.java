package dev.tidemark.reclaim.cgroup2;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * epoll(7) with an eventfd(2) to wake it, both of which Java keeps to itself: its selectors cannot wait for priority events.
 *
 * <p>Level-triggered: what is not looked at is told again. For a pressure trigger the kernel forgets the event as it tells it.
 *
 * <p><b>Thread:</b> as {@link PushKernel} says; the memory outside the heap belongs to the thread that made it, too. An
 * eventfd is not written to once this is closed: that the last {@link #wake} is over is for the caller to see to.
 */
final class Epoll implements PushKernel {
    private static final int EPOLL_CLOEXEC = LibC.O_CLOEXEC;
    private static final int EFD_FLAGS = LibC.O_CLOEXEC | LibC.O_NONBLOCK;
    private static final int CTL_ADD = 1;
    private static final int CTL_DEL = 2;
    private static final int EPOLLIN = 1;
    private static final int EPOLLPRI = 2;
    private static final int EPOLLERR = 8;
    private static final int EPOLLHUP = 16;
    private static final int FOR_EVER = -1;
    private static final int EINTR = 4;

    /** What does not fit is told by the next call. */
    private static final int MOST_READY = 64;

    /** memory.events and the pressure files are a tenth of this. */
    private static final int LONGEST_TEXT = 4096;

    /** struct epoll_event has no gap before its data on x86-64, where it has to be that of 32-bit programs. */
    private static final boolean PACKED = System.getProperty("os.arch", "").equals("amd64");

    private static final int DATA = PACKED ? 4 : 8;
    private static final int EVENT_BYTES = DATA + Long.BYTES;

    private static final MethodHandle EPOLL_CREATE1 =
            LibC.handle("epoll_create1", FunctionDescriptor.of(JAVA_INT, JAVA_INT), LibC.CAPTURE);
    private static final MethodHandle EPOLL_CTL = LibC.handle(
            "epoll_ctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS), LibC.CAPTURE);
    private static final MethodHandle EPOLL_WAIT = LibC.handle(
            "epoll_wait", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT), LibC.CAPTURE);
    private static final MethodHandle EVENTFD =
            LibC.handle("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT), LibC.CAPTURE);
    private static final MethodHandle EVENTFD_READ =
            LibC.handle("eventfd_read", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle EVENTFD_WRITE =
            LibC.handle("eventfd_write", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle PREAD = LibC.handle(
            "pread", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG), LibC.CAPTURE);
    private static final MethodHandle WRITE =
            LibC.handle("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG), LibC.CAPTURE);

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment state = arena.allocate(LibC.STATE);
    private final MemorySegment ready = arena.allocate((long) MOST_READY * EVENT_BYTES, Long.BYTES);
    private final MemorySegment change = arena.allocate(EVENT_BYTES, Long.BYTES);
    private final MemorySegment wakes = arena.allocate(JAVA_LONG);
    private final MemorySegment text = arena.allocate(LONGEST_TEXT);
    private final int epoll;
    private final int eventfd;

    /** @throws IOException when the process or the host has no descriptor left */
    Epoll() throws IOException {
        int waiting = -1;
        int waker = -1;
        try {
            waiting = checked("epoll_create1", create());
            waker = checked("eventfd", eventfd());
            control(waiting, CTL_ADD, waker, EPOLLIN, WOKEN);
        } catch (IOException e) {
            closeIfOpen(waiting);
            closeIfOpen(waker);
            arena.close();
            throw e;
        }
        epoll = waiting;
        eventfd = waker;
    }

    private int create() {
        try {
            return (int) EPOLL_CREATE1.invokeExact(state, EPOLL_CLOEXEC);
        } catch (Throwable e) {
            throw LibC.unexpected(e);
        }
    }

    private int eventfd() {
        try {
            return (int) EVENTFD.invokeExact(state, 0, EFD_FLAGS);
        } catch (Throwable e) {
            throw LibC.unexpected(e);
        }
    }

    private static void closeIfOpen(int descriptor) {
        if (descriptor != -1) {
            LibC.close(descriptor);
        }
    }

    private int checked(String what, int result) throws IOException {
        if (result == -1) {
            throw LibC.failure(what, LibC.errno(state));
        }
        return result;
    }

    @Override
    public int open(Path file, boolean writable) throws IOException {
        int access = writable ? LibC.O_RDWR : LibC.O_RDONLY;
        return LibC.open(state, file.toString(), access | LibC.O_NONBLOCK | LibC.O_CLOEXEC);
    }

    @Override
    public void write(int descriptor, String written) throws IOException {
        byte[] bytes = written.getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(bytes, 0, text, JAVA_BYTE, 0, bytes.length);
        long done;
        try {
            done = (long) WRITE.invokeExact(state, descriptor, text, (long) bytes.length);
        } catch (Throwable e) {
            throw LibC.unexpected(e);
        }
        checked("write", (int) done);
    }

    @Override
    public int read(int descriptor, byte[] into) throws IOException {
        long most = Math.min(into.length, LONGEST_TEXT);
        long done;
        try {
            done = (long) PREAD.invokeExact(state, descriptor, text, most, 0L);
        } catch (Throwable e) {
            throw LibC.unexpected(e);
        }
        int length = checked("read", (int) done);
        MemorySegment.copy(text, JAVA_BYTE, 0, into, 0, length);
        return length;
    }

    @Override
    public void close(int descriptor) {
        LibC.close(descriptor);
    }

    @Override
    public void add(int descriptor, int key) throws IOException {
        control(epoll, CTL_ADD, descriptor, EPOLLPRI, key);
    }

    /** Not left to the closing: a process being forked holds a copy for a moment, and epoll would tell of that. */
    @Override
    public void remove(int descriptor) {
        try {
            control(epoll, CTL_DEL, descriptor, 0, 0);
        } catch (IOException e) {
            throw new IllegalStateException("descriptor " + descriptor + " was not waited for", e);
        }
    }

    private void control(int waiting, int operation, int descriptor, int events, int key) throws IOException {
        change.set(JAVA_INT_UNALIGNED, 0, events);
        change.set(JAVA_INT_UNALIGNED, DATA, key);
        int done;
        try {
            done = (int) EPOLL_CTL.invokeExact(state, waiting, operation, descriptor, change);
        } catch (Throwable e) {
            throw LibC.unexpected(e);
        }
        checked("epoll_ctl", done);
    }

    @Override
    public int await(boolean wait) throws IOException {
        int found;
        try {
            found = (int) EPOLL_WAIT.invokeExact(state, epoll, ready, MOST_READY, wait ? FOR_EVER : 0);
        } catch (Throwable e) {
            throw LibC.unexpected(e);
        }
        if (found == -1 && LibC.errno(state) == EINTR) {
            return 0;
        }
        return checked("epoll_wait", found);
    }

    @Override
    public int key(int i) {
        int key = ready.get(JAVA_INT_UNALIGNED, (long) i * EVENT_BYTES + DATA);
        if (key == WOKEN) {
            try {
                var _ = (int) EVENTFD_READ.invokeExact(eventfd, wakes);
            } catch (Throwable e) {
                throw LibC.unexpected(e);
            }
        }
        return key;
    }

    @Override
    public boolean failed(int i) {
        return (ready.get(JAVA_INT_UNALIGNED, (long) i * EVENT_BYTES) & (EPOLLERR | EPOLLHUP)) != 0;
    }

    @Override
    public void wake() {
        try {
            var _ = (int) EVENTFD_WRITE.invokeExact(eventfd, 1L);
        } catch (Throwable e) {
            throw LibC.unexpected(e);
        }
    }

    @Override
    public void close() {
        LibC.close(epoll);
        LibC.close(eventfd);
        arena.close();
    }
}
