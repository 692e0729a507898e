package dev.tidemark.agent;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What somebody asks over the socket.
 *
 * @param path begins with a slash, without the query
 * @param query decoded; of a name given twice the last value
 */
record SocketRequest(String path, Map<String, String> query) {

    SocketRequest {
        query = Map.copyOf(query);
    }

    /** Not a request that can be answered; the message says why. */
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1;

        MalformedException(String reason) {
            super(reason);
        }

        String reason() {
            return String.valueOf(getMessage());
        }
    }

    /** @param head of an HTTP request, up to its empty line at least */
    static SocketRequest parse(String head) throws MalformedException {
        String line = head.lines().findFirst().orElse("");
        String[] parts = line.split(" ", -1);
        if (parts.length != 3 || !parts[2].startsWith("HTTP/1.") || !parts[1].startsWith("/")) {
            throw new MalformedException("expected GET /PATH HTTP/1.1");
        }
        if (!parts[0].equals("GET")) {
            throw new MalformedException("only GET is answered here");
        }
        String[] target = parts[1].split("\\?", 2);
        return new SocketRequest(target[0], target.length < 2 ? Map.of() : query(target[1]));
    }

    Optional<String> of(String name) {
        return Optional.ofNullable(query.get(name)).filter(value -> !value.isEmpty());
    }

    private static Map<String, String> query(String text) throws MalformedException {
        Map<String, String> query = new HashMap<>();
        for (String pair : text.split("&", -1)) {
            String[] sides = pair.split("=", 2);
            query.put(decoded(sides[0]), sides.length < 2 ? "" : decoded(sides[1]));
        }
        return query;
    }

    private static String decoded(String text) throws MalformedException {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            throw new MalformedException("the query is not encoded as in a URL: " + text);
        }
    }
}
