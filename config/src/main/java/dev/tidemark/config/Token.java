package dev.tidemark.config;

/**
 * A piece of an expression.
 *
 * @param text as written; "" for END; what stands between the quotes for STRING
 * @param value of a LITERAL in its unit's base, otherwise 0
 * @param unit of a LITERAL, otherwise without meaning
 * @param from index of its first char in the scalar's text
 */
record Token(Kind kind, String text, double value, Unit unit, Span span, int from) {
    enum Kind {
        LITERAL,
        WORD,
        SYMBOL,
        /** Text in double quotes. */
        STRING,
        /** Something whose problem is already told: stands where a value could. */
        BAD,
        END
    }

    boolean is(String word) {
        return (kind == Kind.WORD || kind == Kind.SYMBOL) && text.equals(word);
    }

    boolean isAny(String first, String second) {
        return is(first) || is(second);
    }
}
