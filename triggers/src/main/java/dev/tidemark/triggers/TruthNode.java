package dev.tidemark.triggers;

import dev.tidemark.config.Expr.Relation;

/** What is true, false or unknown at an instant and remembers nothing. */
sealed interface TruthNode extends Node {

    record Compare(Relation relation, Node left, Node right) implements TruthNode {
        @Override
        public double step(Evaluation e) {
            return apply(relation, left.step(e), right.step(e));
        }

        @Override
        public double peek(Evaluation e) {
            return apply(relation, left.peek(e), right.peek(e));
        }

        static double apply(Relation relation, double a, double b) {
            if (Double.isNaN(a) || Double.isNaN(b)) {
                return UNKNOWN;
            }
            return Node.truth(
                    switch (relation) {
                        case LESS -> a < b;
                        case LESS_OR_EQUAL -> a <= b;
                        case GREATER -> a > b;
                        case GREATER_OR_EQUAL -> a >= b;
                        case EQUAL -> a == b;
                        case NOT_EQUAL -> a != b;
                    });
        }
    }

    /** The commonest comparison, with a constant, in one step. */
    record CompareWith(Relation relation, Node left, double right) implements TruthNode {
        @Override
        public double step(Evaluation e) {
            return Compare.apply(relation, left.step(e), right);
        }

        @Override
        public double peek(Evaluation e) {
            return Compare.apply(relation, left.peek(e), right);
        }
    }

    record Inverse(Node operand) implements TruthNode {
        @Override
        public double step(Evaluation e) {
            return TRUE - operand.step(e);
        }

        @Override
        public double peek(Evaluation e) {
            return TRUE - operand.peek(e);
        }
    }

    record Both(Node left, Node right) implements TruthNode {
        @Override
        public double step(Evaluation e) {
            return apply(left.step(e), right.step(e));
        }

        @Override
        public double peek(Evaluation e) {
            return apply(left.peek(e), right.peek(e));
        }

        private static double apply(double a, double b) {
            // A NaN product is wrong only where the other side is FALSE, and then that decides.
            return a == FALSE || b == FALSE ? FALSE : a * b;
        }
    }

    record Either(Node left, Node right) implements TruthNode {
        @Override
        public double step(Evaluation e) {
            return apply(left.step(e), right.step(e));
        }

        @Override
        public double peek(Evaluation e) {
            return apply(left.peek(e), right.peek(e));
        }

        private static double apply(double a, double b) {
            return a == TRUE || b == TRUE ? TRUE : a + b;
        }
    }

    /** True when so many hold for sure, false when not even the unknown ones would make it so many. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, and a step must not go through an iterator
    record AtLeast(int least, Node[] conditions) implements TruthNode {
        @Override
        public double step(Evaluation e) {
            int holding = 0;
            int possible = 0;
            for (Node condition : conditions) {
                double truth = condition.step(e);
                holding += truth == TRUE ? 1 : 0;
                possible += truth != FALSE ? 1 : 0;
            }
            return apply(holding, possible);
        }

        @Override
        public double peek(Evaluation e) {
            int holding = 0;
            int possible = 0;
            for (Node condition : conditions) {
                double truth = condition.peek(e);
                holding += truth == TRUE ? 1 : 0;
                possible += truth != FALSE ? 1 : 0;
            }
            return apply(holding, possible);
        }

        private double apply(int holding, int possible) {
            return holding >= least ? TRUE : possible < least ? FALSE : UNKNOWN;
        }
    }
}
