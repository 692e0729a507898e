package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StocksTest {

    private static final long A = 1;
    private static final long B = (1L << 47) - 1;

    private final Stocks stocks = new Stocks(2);

    private void held(int cpu, long id, int pages) {
        assertThat(Stocks.idOf(stocks.held(cpu))).isEqualTo(id);
        assertThat(Stocks.pagesOf(stocks.held(cpu))).isEqualTo(pages);
    }

    @Test
    void givesOnlyItsOwnerWhatItHas() {
        assertThat(stocks.consume(0, A, 1)).isFalse();
        assertThat(stocks.refill(0, A, 2)).isEqualTo(Stocks.NOTHING);

        assertThat(stocks.consume(0, B, 1)).isFalse();
        assertThat(stocks.consume(1, A, 1)).as("another CPU").isFalse();
        assertThat(stocks.consume(0, A, 3)).isFalse();
        assertThat(stocks.consume(0, A, 2)).isTrue();
        assertThat(stocks.consume(0, A, 1)).isFalse();
        held(0, A, 0);
    }

    @Test
    void anotherCgroupDisplacesTheOwner() {
        stocks.refill(0, A, 63);

        long out = stocks.refill(0, B, 5);
        assertThat(Stocks.idOf(out)).isEqualTo(A);
        assertThat(Stocks.pagesOf(out)).isEqualTo(63);
        held(0, B, 5);
    }

    @Test
    void moreThanABatchIsAllGivenBack() {
        assertThat(stocks.refill(0, A, 63)).isEqualTo(Stocks.NOTHING);
        assertThat(stocks.refill(0, A, 1)).isEqualTo(Stocks.NOTHING);
        held(0, A, 64);

        long out = stocks.refill(0, A, 1);
        assertThat(Stocks.idOf(out)).isEqualTo(A);
        assertThat(Stocks.pagesOf(out)).isEqualTo(65);
        assertThat(stocks.held(0)).isEqualTo(Stocks.NOTHING);
    }

    @Test
    void drainsOnlyWhatWasSeen() {
        stocks.refill(0, A, 10);
        long seen = stocks.held(0);
        stocks.consume(0, A, 1);

        assertThat(stocks.drain(0, seen)).isFalse();
        held(0, A, 9);
        assertThat(stocks.drain(0, stocks.held(0))).isTrue();
        assertThat(stocks.held(0)).isEqualTo(Stocks.NOTHING);
    }
}
