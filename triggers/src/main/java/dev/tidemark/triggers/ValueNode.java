package dev.tidemark.triggers;

import dev.tidemark.config.Expr.Operator;
import dev.tidemark.config.Signal;
import dev.tidemark.config.SignalFormulas;

/** What has a value at an instant and remembers nothing: constants, what is read, and what is computed from it. */
sealed interface ValueNode extends Node {

    record Constant(double value) implements ValueNode {
        @Override
        public double step(Evaluation e) {
            return value;
        }

        @Override
        public double peek(Evaluation e) {
            return value;
        }
    }

    /** The cgroup's own. */
    record Own(int slot) implements ValueNode {
        @Override
        public double step(Evaluation e) {
            return e.value(slot);
        }

        @Override
        public double peek(Evaluation e) {
            return e.value(slot);
        }
    }

    record Host(int slot) implements ValueNode {
        @Override
        public double step(Evaluation e) {
            return e.host.value(slot, e.now);
        }

        @Override
        public double peek(Evaluation e) {
            return step(e);
        }
    }

    /** Another cgroup's, the one at {@code index} of those that the program names. */
    record Elsewhere(int index, int slot) implements ValueNode {
        @Override
        public double step(Evaluation e) {
            return e.elsewhere[index].value(slot, e.now);
        }

        @Override
        public double peek(Evaluation e) {
            return step(e);
        }
    }

    /** Of all watched cgroups together. */
    record Across(int index) implements ValueNode {
        @Override
        public double step(Evaluation e) {
            return e.across[index];
        }

        @Override
        public double peek(Evaluation e) {
            return e.across[index];
        }
    }

    record Minus(Node operand) implements ValueNode {
        @Override
        public double step(Evaluation e) {
            return -operand.step(e);
        }

        @Override
        public double peek(Evaluation e) {
            return -operand.peek(e);
        }
    }

    /** IEEE arithmetic: x / 0 is infinite, 0 / 0 and infinite - infinite are unknown. */
    record Calculate(Operator operator, Node left, Node right) implements ValueNode {
        @Override
        public double step(Evaluation e) {
            return apply(left.step(e), right.step(e));
        }

        @Override
        public double peek(Evaluation e) {
            return apply(left.peek(e), right.peek(e));
        }

        private double apply(double a, double b) {
            return switch (operator) {
                case ADD -> a + b;
                case SUBTRACT -> a - b;
                case MULTIPLY -> a * b;
                case DIVIDE -> a / b;
            };
        }
    }

    /** The commonest product, {@code 80% of limit}, in one step. */
    record Scaled(double factor, int slot) implements ValueNode {
        @Override
        public double step(Evaluation e) {
            return factor * e.value(slot);
        }

        @Override
        public double peek(Evaluation e) {
            return step(e);
        }
    }

    record Headroom(Node limit, Node usage) implements ValueNode {
        @Override
        public double step(Evaluation e) {
            return SignalFormulas.headroom(limit.step(e), usage.step(e));
        }

        @Override
        public double peek(Evaluation e) {
            return SignalFormulas.headroom(limit.peek(e), usage.peek(e));
        }
    }

    record TimeToLimit(Node limit, Node usage, Node fillRate) implements ValueNode {
        @Override
        public double step(Evaluation e) {
            return SignalFormulas.timeToLimit(limit.step(e), usage.step(e), fillRate.step(e));
        }

        @Override
        public double peek(Evaluation e) {
            return SignalFormulas.timeToLimit(limit.peek(e), usage.peek(e), fillRate.peek(e));
        }
    }

    /**
     * What could be taken at all.
     *
     * @param parts as in {@link Signal#parts}; they are read, never computed
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Reclaimable(Node[] parts) implements ValueNode {
        @Override
        public double step(Evaluation e) {
            return SignalFormulas.reclaimable(
                    parts[0].step(e),
                    parts[1].step(e),
                    parts[2].step(e),
                    parts[3].step(e),
                    parts[4].step(e),
                    parts[5].step(e),
                    parts[6].step(e));
        }

        @Override
        public double peek(Evaluation e) {
            return step(e);
        }
    }

    /** A signal that is a share, from the changes of its two parts over one window. */
    record Share(Signal signal, Node first, Node second) implements ValueNode {
        @Override
        public double step(Evaluation e) {
            return SignalFormulas.share(signal, first.step(e), second.step(e));
        }

        @Override
        public double peek(Evaluation e) {
            return SignalFormulas.share(signal, first.peek(e), second.peek(e));
        }
    }
}
