package dev.tidemark.config;

import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/** The YAML engine's complaints in our words, where we know better ones. */
final class YamlMessage {
    private YamlMessage() {}

    /**
     * @param point the code point the engine stumbled over, -1 at the end of the file
     */
    static String of(MarkedYamlEngineException e, int point) {
        if (point == '\t') {
            return "YAML does not take a tab here; indent with spaces";
        }
        if (point == '%' || point == '@' || point == '`') {
            return "a value cannot start with " + Shown.character(point) + " in YAML; put it in quotes";
        }
        String problem = e.getProblem() == null ? "" : e.getProblem();
        String context = e.getContext() == null ? "" : e.getContext();
        if (problem.startsWith("mapping values are not allowed here")) {
            return "not valid YAML: a \": \" is not allowed here; put the value in quotes, or check the indentation";
        }
        String text = context.isEmpty() ? problem : context + ": " + problem;
        StringBuilder line = new StringBuilder("not valid YAML: ");
        text.codePoints()
                .forEach(c -> line.append(Character.isISOControl(c) ? Shown.character(c) : Character.toString(c)));
        return line.toString();
    }
}
