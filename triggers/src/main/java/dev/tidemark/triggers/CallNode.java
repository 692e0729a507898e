package dev.tidemark.triggers;

import dev.tidemark.config.ExprFunction;
import dev.tidemark.config.Unit;

/**
 * A function that was added to the language. It is asked once for an instant and what is known at it. The arrays that it is handed
 * serve all cgroups in turn: what it remembers is moved in and out.
 *
 * @param longs offset: the instant of the last call, then what the function remembers
 * @param doubles offset: the result, the arguments of the last call, then what the function remembers
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record CallNode(
        ExprFunction function,
        boolean truth,
        Node[] operands,
        double[] arguments,
        double[] heldDoubles,
        long[] heldLongs,
        int longs,
        int doubles)
        implements Node {

    CallNode(ExprFunction function, Unit unit, Node[] operands, int longs, int doubles) {
        this(
                function,
                unit == Unit.TRUTH,
                operands,
                new double[operands.length],
                new double[function.doubles()],
                new long[function.longs()],
                longs,
                doubles);
    }

    static int longs(ExprFunction function) {
        return 1 + function.longs();
    }

    static int doubles(ExprFunction function, int operands) {
        return 1 + operands + function.doubles();
    }

    @Override
    public double step(Evaluation e) {
        boolean asked = e.longs[longs] == e.now;
        for (int i = 0; i < operands.length; i++) {
            double argument = operands[i].step(e);
            asked &= Double.compare(argument, e.doubles[doubles + 1 + i]) == 0;
            arguments[i] = argument;
        }
        if (!asked) {
            call(e);
        }
        return e.doubles[doubles];
    }

    private void call(Evaluation e) {
        int remembered = doubles + 1 + operands.length;
        System.arraycopy(arguments, 0, e.doubles, doubles + 1, arguments.length);
        System.arraycopy(e.doubles, remembered, heldDoubles, 0, heldDoubles.length);
        System.arraycopy(e.longs, longs + 1, heldLongs, 0, heldLongs.length);
        e.longs[longs] = e.now;
        e.doubles[doubles] = UNKNOWN;
        double value = function.step(arguments, heldDoubles, heldLongs, e.now);
        System.arraycopy(heldDoubles, 0, e.doubles, remembered, heldDoubles.length);
        System.arraycopy(heldLongs, 0, e.longs, longs + 1, heldLongs.length);
        e.doubles[doubles] = truth && !Double.isNaN(value) ? Node.truth(value != 0) : value;
    }

    @Override
    public double peek(Evaluation e) {
        return e.doubles[doubles];
    }
}
