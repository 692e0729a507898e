package dev.tidemark.config;

import dev.tidemark.config.Expr.Operator;
import dev.tidemark.config.Expr.Relation;

/**
 * Two levels of usage in place of conditions: START above the high one, STOP below the low one.
 *
 * <p>With a ratio and a scale they are those of Alibaba Cloud Linux and Koordinator ({@code memory.wmark_ratio}, {@code
 * memory.wmark_scale_factor}): the high mark is {@code ratio} per cent of the lower of memory.max and memory.high, of the cgroup and all
 * above it, and the low one {@code scale} ten-thousandths of that limit below.
 */
record Marks(Expr low, Expr high) {
    static final int MAX_SCALE = 1_000;
    private static final int IN_ONE_PER_CENT = 100;
    private static final double IN_ALL = 10_000;

    static Marks of(int ratio, int scale, Span span) {
        int high = ratio * IN_ONE_PER_CENT;
        return new Marks(ofLimit((high - scale) / IN_ALL, span), ofLimit(high / IN_ALL, span));
    }

    static Marks of(long lowBytes, long highBytes, Span span) {
        return new Marks(new Expr.Literal(lowBytes, Unit.BYTES, span), new Expr.Literal(highBytes, Unit.BYTES, span));
    }

    private static Expr ofLimit(double share, Span span) {
        return new Expr.Arithmetic(
                Operator.MULTIPLY,
                new Expr.Literal(share, Unit.RATIO, span),
                new Expr.SignalRef(Signal.LIMIT, span),
                Unit.BYTES,
                span);
    }

    Expr start() {
        return usage(Relation.GREATER, high);
    }

    Expr stop() {
        return usage(Relation.LESS, low);
    }

    private static Expr usage(Relation relation, Expr mark) {
        return new Expr.Comparison(relation, new Expr.SignalRef(Signal.USAGE, mark.span()), mark, mark.span());
    }
}
