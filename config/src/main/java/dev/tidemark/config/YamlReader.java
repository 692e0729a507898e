package dev.tidemark.config;

import dev.tidemark.config.YamlNode.Entry;
import dev.tidemark.config.YamlNode.Mapping;
import dev.tidemark.config.YamlNode.Scalar;
import dev.tidemark.config.YamlNode.Sequence;
import dev.tidemark.config.YamlNode.Style;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;

/**
 * Reads one YAML document into a tree: the plain data of YAML, without anchors, aliases, tags and further documents.
 *
 * <p>It builds on the engine's events rather than on its composer, because that one recurses as deep as the file nests and
 * expands aliases.
 */
final class YamlReader {
    /** In code points. A file of ten thousand policies stays below. */
    static final int MAX_LENGTH = 4 << 20;

    /** Twice what any of our files needs. */
    private static final int MAX_DEPTH = 16;

    private final Problems problems;
    private final Iterator<Event> events;

    private boolean aliases;
    private int lastEnd;

    private YamlReader(Problems problems, Iterator<Event> events) {
        this.problems = problems;
        this.events = events;
    }

    /** The file's document, or null when it has none that can be read; then there are problems. */
    static @Nullable YamlNode read(Problems problems) {
        SourceText source = problems.source();
        if (source.length() > MAX_LENGTH) {
            problems.add(source.span(0, 1), "the file has more than " + MAX_LENGTH + " characters; split it");
            return null;
        }
        LoadSettings settings = LoadSettings.builder()
                .setCodePointLimit(MAX_LENGTH + 1)
                .setUseMarks(true)
                .build();
        YamlReader reader = new YamlReader(
                problems, new Parse(settings).parseString(source.text()).iterator());
        try {
            return reader.document();
        } catch (TooDeepException e) {
            problems.add(source.span(e.index, e.index + 1), "nested more than " + MAX_DEPTH + " deep");
        } catch (MarkedYamlEngineException e) {
            int index = e.getProblemMark().map(Mark::getIndex).orElse(0);
            problems.add(source.span(index, index + 1), YamlMessage.of(e, source.at(index)));
        } catch (ReaderException e) {
            problems.add(
                    source.span(e.getPosition(), e.getPosition() + 1),
                    "the character %s is not allowed in YAML".formatted(Shown.character(e.getCodePoint())));
        } catch (RuntimeException e) {
            // Whatever else the engine throws is about odd input, such as the escape "\\x" without digits: a file must
            // never end the agent. Such an exception has no place, but what was read before has.
            problems.add(
                    source.span(reader.lastEnd, reader.lastEnd + 1),
                    "not valid YAML: what follows cannot be read; look for escapes such as \\x that are not complete");
        }
        return null;
    }

    private @Nullable YamlNode document() {
        @Nullable YamlNode root = null;
        int documents = 0;
        while (events.hasNext()) {
            Event event = next();
            if (event instanceof DocumentStartEvent) {
                if (documents++ == 0) {
                    root = node(next(), 0);
                } else {
                    problems.add(place(event), "a second document starts here; a file is one document");
                    break;
                }
            }
        }
        if (root == null || (root instanceof Scalar scalar && scalar.isNull())) {
            problems.add(problems.source().span(0, 1), "the file is empty");
            return null;
        }
        // What stands for an alias would only be complained about again.
        return aliases ? null : root;
    }

    private YamlNode node(Event event, int depth) {
        if (event instanceof NodeEvent node) {
            refuse(node);
        }
        if (event instanceof ScalarEvent scalar) {
            return scalar(scalar);
        }
        if (event instanceof CollectionStartEvent && depth == MAX_DEPTH) {
            throw new TooDeepException(start(event));
        }
        if (event instanceof MappingStartEvent) {
            return mapping(event, depth + 1);
        }
        if (event instanceof CollectionStartEvent) {
            return sequence(event, depth + 1);
        }
        // An alias, already refused.
        return new Scalar("", Style.PLAIN, start(event), end(event));
    }

    private void refuse(NodeEvent event) {
        if (event instanceof AliasEvent) {
            aliases = true;
            problems.add(place(event), "aliases are not supported; write the value out");
        } else if (event.getAnchor().isPresent()) {
            problems.add(place(event), "anchors are not supported; write the value out where it is needed");
        }
        Optional<String> tag = event instanceof ScalarEvent scalar
                ? scalar.getTag()
                : event instanceof CollectionStartEvent collection ? collection.getTag() : Optional.empty();
        tag.ifPresent(name ->
                problems.add(place(event), "tags such as " + Shown.quoted(name) + " are not supported; leave it out"));
    }

    private static Scalar scalar(ScalarEvent event) {
        Style style = switch (event.getScalarStyle()) {
            case SINGLE_QUOTED -> Style.SINGLE_QUOTED;
            case DOUBLE_QUOTED, JSON_SCALAR_STYLE -> Style.DOUBLE_QUOTED;
            case LITERAL, FOLDED -> Style.BLOCK;
            case PLAIN -> Style.PLAIN;
        };
        return new Scalar(event.getValue(), style, start(event), end(event));
    }

    private Sequence sequence(Event opening, int depth) {
        List<YamlNode> items = new ArrayList<>();
        Event event = next();
        while (event.getEventId() != Event.ID.SequenceEnd) {
            items.add(node(event, depth));
            event = next();
        }
        return new Sequence(List.copyOf(items), start(opening), end(event));
    }

    private Mapping mapping(Event opening, int depth) {
        List<Entry> entries = new ArrayList<>();
        Map<String, Scalar> seen = new HashMap<>();
        Event event = next();
        while (event.getEventId() != Event.ID.MappingEnd) {
            YamlNode key = node(event, depth);
            YamlNode value = node(next(), depth);
            event = next();
            if (!(key instanceof Scalar name)) {
                problems.add(key, "a key must be a word but this is " + key.kind());
                continue;
            }
            @Nullable Scalar first = seen.putIfAbsent(name.text(), name);
            if (first == null) {
                entries.add(new Entry(name, value));
            } else {
                problems.add(
                        name,
                        "the key %s is here twice; it is already in line %d"
                                .formatted(
                                        Shown.quoted(name.text()),
                                        problems.source().line(first.start())));
            }
        }
        return new Mapping(List.copyOf(entries), start(opening), end(event));
    }

    private Event next() {
        Event event = events.next();
        lastEnd = end(event);
        return event;
    }

    private Span place(Event event) {
        return problems.source().span(start(event), end(event));
    }

    private static int start(Event event) {
        return event.getStartMark().map(Mark::getIndex).orElse(0);
    }

    private static int end(Event event) {
        return event.getEndMark().map(Mark::getIndex).orElse(0);
    }

    private static final class TooDeepException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final int index;

        TooDeepException(int index) {
            super(null, null, false, false);
            this.index = index;
        }
    }
}
