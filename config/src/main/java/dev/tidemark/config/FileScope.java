package dev.tidemark.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the values of a policy file are read with. Confined to the thread that reads.
 *
 * @param lets the names that may be used here
 * @param scopes all names of the file, by where they hold
 * @param policies where each policy's name stands first
 */
record FileScope(
        Problems problems,
        HostMemory host,
        Values values,
        Lets lets,
        List<Lets> scopes,
        Map<String, YamlNode> policies) {
    static FileScope of(Problems problems, HostMemory host) {
        return new FileScope(problems, host, new Values(problems, host), Lets.NONE, new ArrayList<>(), new HashMap<>());
    }

    /** The same with further names. */
    FileScope with(Lets inner) {
        return new FileScope(problems, host, values, inner, scopes, policies);
    }
}
