package dev.tidemark.agent;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/**
 * SIGHUP, which would end the process, asks for a reload instead, as of a daemon.
 *
 * <p>{@code sun.misc.Signal} is the JDK's only way to a signal. It is reached by reflection: javac warns of any mention of it
 * and has no way to say that this is meant.
 *
 * <p><b>Thread:</b> all methods from any; the request is made on a thread of the JVM's that serves this one signal.
 * <b>Back-pressure:</b> signals that come before {@link #tell} are one.
 */
@SuppressWarnings("ReferenceEquality") // a proxy is equal to itself only
final class Hangup implements AutoCloseable {

    private @Nullable Runnable listener;
    private @Nullable Taken taken;
    private boolean early;

    /** What was there before, to be put back. */
    @FunctionalInterface
    private interface Taken {
        void giveBack() throws ReflectiveOperationException;
    }

    private Hangup() {}

    /** From now on the signal does not end the process any more; it is kept until there is somebody to tell. */
    static Hangup taken() {
        Hangup hangup = new Hangup();
        try {
            hangup.taken = take(hangup::signalled);
        } catch (ReflectiveOperationException | IllegalArgumentException _) {
            // Started with -Xrs, or on a JVM without it: then the signal does what it always does, and the file is
            // watched.
            hangup.taken = null;
        }
        return hangup;
    }

    /** Whom to tell, who must not block; at once, if a signal has come already. */
    synchronized void tell(Runnable request) {
        listener = request;
        if (early) {
            early = false;
            request.run();
        }
    }

    /** The signal does what it did before. */
    @Override
    public void close() {
        Taken signal;
        synchronized (this) {
            listener = null;
            signal = taken;
            taken = null;
        }
        try {
            if (signal != null) {
                signal.giveBack();
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("SIGHUP was taken and cannot be given back", e);
        }
    }

    private synchronized void signalled() {
        if (listener == null) {
            early = true;
        } else {
            listener.run();
        }
    }

    /** Returns what gives the signal back. */
    private static Taken take(Runnable handler) throws ReflectiveOperationException {
        Class<?> type = Class.forName("sun.misc.Signal");
        Class<?> handling = Class.forName("sun.misc.SignalHandler");
        Method handle = type.getMethod("handle", type, handling);
        Object hup = type.getConstructor(String.class).newInstance("HUP");
        Object proxy = Proxy.newProxyInstance(
                handling.getClassLoader(), new Class<?>[] {handling}, (self, method, arguments) -> {
                    if (method.getName().equals("handle")) {
                        handler.run();
                        return null;
                    }
                    return ofObject(self, method.getName(), arguments);
                });
        try {
            Object before = handle.invoke(null, hup, proxy);
            return () -> handle.invoke(null, hup, before);
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException(e.getCause());
        }
    }

    private static Object ofObject(Object self, String method, Object @Nullable [] arguments) {
        return switch (method) {
            case "equals" -> arguments != null && arguments[0] == self;
            case "hashCode" -> System.identityHashCode(self);
            default -> "the handler of SIGHUP";
        };
    }
}
