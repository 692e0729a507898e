package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PageCounterTest {

    private final PageCounter root = new PageCounter(null);
    private final PageCounter parent = new PageCounter(root);
    private final PageCounter child = new PageCounter(parent);

    @Test
    void aChargeCountsAtAllLevels() {
        assertThat(child.tryCharge(64)).isNull();
        assertThat(parent.tryCharge(1)).isNull();
        child.uncharge(10);

        assertThat(child.usage).isEqualTo(54);
        assertThat(parent.usage).isEqualTo(55);
        assertThat(root.usage).isEqualTo(55);
    }

    @Test
    void whatFitsExactlyFits() {
        parent.max = 64;

        assertThat(child.tryCharge(64)).isNull();
        assertThat(child.tryCharge(1)).isSameAs(parent);
        assertThat(parent.margin()).isZero();
    }

    @Test
    void whatDoesNotFitLeavesNothingAtAnyLevel() {
        root.max = 100;
        child.tryCharge(60);

        assertThat(child.tryCharge(41)).isSameAs(root);
        assertThat(child.usage).isEqualTo(60);
        assertThat(parent.usage).isEqualTo(60);
        assertThat(root.usage).isEqualTo(60);
        assertThat(root.margin()).isEqualTo(40);
        assertThat(child.margin()).isEqualTo(PageCounter.MAX);
    }

    @Test
    void aLimitBelowUsageLeavesNoMargin() {
        child.tryCharge(60);
        child.max = 50;

        assertThat(child.margin()).isZero();
        assertThat(child.tryCharge(1)).isSameAs(child);
    }

    @Test
    void givingBackMoreThanWasChargedIsADefect() {
        child.tryCharge(1);

        assertThatThrownBy(() -> child.uncharge(2)).hasMessage("page counter underflow: -1 after giving back 2");
    }
}
