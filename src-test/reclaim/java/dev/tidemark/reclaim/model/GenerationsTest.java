package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GenerationsTest {

    private static final int ANON = 0;
    private static final int FILE = 1;

    @Test
    void aTierIsTheLogarithmOfUses() {
        assertThat(new int[] {tier(0), tier(1), tier(2), tier(3), tier(4)}).containsExactly(0, 1, 2, 2, 3);
    }

    private static int tier(int refs) {
        return Generations.tier(refs);
    }

    @Test
    void fourGenerationsToBeginWithOfWhichTwoAreActive() {
        Generations gens = new Generations();

        assertThat(gens.nrGens(FILE)).isEqualTo(4);
        assertThat(new boolean[] {gens.isActive(0), gens.isActive(1), gens.isActive(2), gens.isActive(3)})
                .containsExactly(false, false, true, true);
    }

    private static void evict(Generations gens, int type, int tier, int evicted, int refaulted) {
        for (int i = 0; i < evicted; i++) {
            gens.evicted(type, tier);
        }
        for (int i = 0; i < refaulted; i++) {
            gens.refaulted(type, tier);
        }
    }

    /** 64 of 100 come back: 64 * (1000 + 64) * 1 > (10 + 1) * 100 * 2, while 63 are too few to tell. */
    @Test
    void aTierThatComesBackMoreThanTwiceAsOftenAsTheFirstIsSpared() {
        Generations few = new Generations();
        evict(few, FILE, 0, 1000, 10);
        evict(few, FILE, 1, 100, 63);
        Generations many = new Generations();
        evict(many, FILE, 0, 1000, 10);
        evict(many, FILE, 1, 100, 64);

        assertThat(few.tierToEvict(FILE)).isEqualTo(3);
        assertThat(many.tierToEvict(FILE)).isZero();
    }

    /** Both refault alike: file 100 of 1000, anonymous 100 of 1000; swappiness decides. */
    @Test
    void theTypeThatIsWorthLessIsTaken() {
        Generations gens = new Generations();
        evict(gens, FILE, 0, 1000, 100);
        evict(gens, ANON, 0, 1000, 100);

        assertThat(gens.typeToScan(60)).isEqualTo(FILE);
        assertThat(gens.typeToScan(150)).isEqualTo(ANON);
    }

    @Test
    void theOtherTypesRefaultsSpareATier() {
        Generations gens = new Generations();
        evict(gens, FILE, 0, 1000, 100);
        evict(gens, FILE, 1, 100, 90);
        evict(gens, ANON, 0, 1000, 10);

        assertThat(gens.tierToEvict(FILE, 100)).isZero();
    }

    /** 200 evicted and 100 back leave 100 and 50, the next time 50 and 25. */
    @Test
    void thePastCountsHalfEachTime() {
        Generations gens = new Generations();
        evict(gens, FILE, 0, 1000, 10);
        evict(gens, FILE, 1, 200, 200);
        assertThat(gens.tierToEvict(FILE)).isZero();

        gens.carryOver(FILE);
        assertThat(gens.tierToEvict(FILE)).as("100 refaults are enough").isZero();
        gens.carryOver(FILE);
        assertThat(gens.tierToEvict(FILE)).as("50 are not").isEqualTo(3);
    }
}
