package dev.tidemark.agent;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/**
 * What is answered over the socket.
 *
 * @param status of HTTP
 * @param text made on the socket's thread, from what does not change any more
 */
record SocketReply(int status, Supplier<String> text) {

    static final int OK = 200;
    static final int NOT_FOUND = 404;

    static SocketReply of(int status, String text) {
        return new SocketReply(status, () -> text);
    }

    /** As it goes over the socket. */
    ByteBuffer bytes() {
        int code = status;
        String body;
        try {
            body = text.get();
        } catch (RuntimeException e) {
            code = 500;
            body = "a defect of tidemark's own: " + e;
        }
        byte[] content = (body.endsWith("\n") ? body : body + '\n').getBytes(StandardCharsets.UTF_8);
        byte[] head = ("HTTP/1.1 " + code + ' ' + phrase(code)
                        + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: " + content.length
                        + "\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(head.length + content.length)
                .put(head)
                .put(content)
                .flip();
    }

    private static String phrase(int status) {
        return switch (status) {
            case OK -> "OK";
            case 400 -> "Bad Request";
            case NOT_FOUND -> "Not Found";
            case 431 -> "Request Header Fields Too Large";
            default -> "Internal Server Error";
        };
    }
}
