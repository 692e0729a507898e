package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.config.Scenario.Step;
import dev.tidemark.reclaim.model.MemcgHooksException.Errno;
import dev.tidemark.triggers.Cgroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Where tables may be attached, and what is in force where. */
class HookTablesTest {

    private final Run run = new Run(Scenarios.host()
            .cgroup("p", Scenarios.MAX)
            .cgroup("p/m", Scenarios.MAX)
            .cgroup("p/m/leaf", Scenarios.MAX)
            .cgroup("p/n", Scenarios.MAX));
    private final MemoryModel model = run.model;
    private final MemcgHooks first =
            MemcgHooks.builder().belowLow((memcg, elow, usage) -> false).build();
    private final MemcgHooks second =
            MemcgHooks.builder().belowLow((memcg, elow, usage) -> false).build();
    private final MemcgHooks global = MemcgHooks.builder()
            .tryCharge((memcg, gfp, nrPages, over, options, done) -> 0)
            .build();

    private Cgroup at(String path) {
        return run.cgroup(path);
    }

    private @Nullable MemcgHooks inForce(String path) {
        return run.memcg(path).hooks();
    }

    private static void refused(Errno errno, String words, ThrowingCallable change) {
        assertThatThrownBy(change).isInstanceOfSatisfying(MemcgHooksException.class, e -> {
            assertThat(e.errno()).isEqualTo(errno);
            assertThat(e).hasMessageStartingWith(errno + ": ").hasMessageContaining(words);
        });
    }

    @Test
    void aTableIsInForceBelow() {
        model.attach(at("p"), first);

        assertThat(inForce("p")).isSameAs(first);
        assertThat(inForce("p/m/leaf")).isSameAs(first);
        assertThat(inForce("")).isNull();
    }

    /** The test of the series' patch 9: three levels, the middle one overrides without letting others override. */
    @Test
    void threeLevels() {
        model.attach(at("p"), first, MemcgHooks.ALLOW_OVERRIDE);
        model.attach(at("p/m"), second);

        refused(Errno.EBUSY, "inherits the table of p/m#", () -> model.attach(at("p/m/leaf"), first));
        assertThat(inForce("p")).isSameAs(first);
        assertThat(inForce("p/n")).isSameAs(first);
        assertThat(inForce("p/m")).isSameAs(second);
        assertThat(inForce("p/m/leaf")).isSameAs(second);
    }

    @Test
    void withoutTheFlagNothingIsOverridden() {
        model.attach(at("p"), first);

        refused(Errno.EBUSY, "without ALLOW_OVERRIDE", () -> model.attach(at("p/m"), second));
        assertThat(inForce("p/m/leaf")).isSameAs(first);
    }

    @Test
    void onesOwnTableIsNotOverriddenEvenWithTheFlag() {
        model.attach(at("p"), first, MemcgHooks.ALLOW_OVERRIDE);

        refused(Errno.EBUSY, "table of its own: swap it", () -> model.attach(at("p"), second));
    }

    @Test
    void aTableBelowIsInTheWay() {
        model.attach(at("p/m/leaf"), first);

        refused(Errno.EBUSY, "p/m/leaf#", () -> model.attach(at("p"), second, MemcgHooks.ALLOW_OVERRIDE));
        assertThat(inForce("p")).as("nothing has changed").isNull();
        assertThat(inForce("p/n")).as("nor on the way there").isNull();
    }

    @Test
    void anOverrideBelowIsInTheWayOfAnotherOverride() {
        model.attach(at("p"), first, MemcgHooks.ALLOW_OVERRIDE);
        model.attach(at("p/m/leaf"), second);

        refused(Errno.EBUSY, "p/m/leaf#", () -> model.attach(at("p/m"), second));
    }

    @Test
    void detachRestoresTheParentsTableWhereItIsStillHeld() {
        MemcgHooks third = MemcgHooks.builder().build();
        model.attach(at("p"), first, MemcgHooks.ALLOW_OVERRIDE);
        model.attach(at("p/m"), second, MemcgHooks.ALLOW_OVERRIDE);
        model.attach(at("p/m/leaf"), third);

        model.detach(at("p/m"));
        assertThat(inForce("p/m")).isSameAs(first);
        assertThat(inForce("p/m/leaf")).isSameAs(third);
        model.detach(at("p/m/leaf"));
        assertThat(inForce("p/m/leaf")).isSameAs(first);
        model.detach(at("p"));
        assertThat(inForce("p/m/leaf")).isNull();
        model.attach(at("p/m"), second);
        assertThat(inForce("p/m/leaf")).as("flags were restored, too").isSameAs(second);
    }

    @Test
    void theUpperTableMayGoFirst() {
        model.attach(at("p"), first, MemcgHooks.ALLOW_OVERRIDE);
        model.attach(at("p/m"), second);

        model.detach(at("p"));
        assertThat(inForce("p/n")).isNull();
        assertThat(inForce("p/m")).isSameAs(second);
        model.detach(at("p/m"));
        assertThat(inForce("p/m/leaf")).isNull();
    }

    /** In v7 a table attached twice is taken away from where it is left. */
    @Test
    void oneTableInTwoPlacesIsTwoAttachments() {
        model.attach(at("p"), first, MemcgHooks.ALLOW_OVERRIDE);
        model.attach(at("p/m"), second, MemcgHooks.ALLOW_OVERRIDE);
        model.attach(at("p/m/leaf"), first);

        model.detach(at("p"));
        assertThat(inForce("p/m/leaf")).isSameAs(first);
    }

    @Test
    void detachOfWhatOnlyInheritsDoesNothing() {
        model.attach(at("p"), first);

        model.detach(at("p/m"));
        assertThat(inForce("p/m")).isSameAs(first);
    }

    @Test
    void swapReplacesAllThatIsInherited() {
        model.attach(at("p"), first, MemcgHooks.ALLOW_OVERRIDE);
        model.attach(at("p/n"), first);

        model.swap(at("p"), second);
        assertThat(inForce("p/m/leaf")).isSameAs(second);
        assertThat(inForce("p/n")).isSameAs(first);
        model.attach(at("p/m"), first);
        assertThat(inForce("p/m")).as("the flags stay").isSameAs(first);
        refused(Errno.EINVAL, "no table of its own", () -> model.swap(at("p/m/leaf"), second));
    }

    @Test
    void aNewCgroupInheritsAndIsToldAndOneThatGoesToo() {
        List<String> told = new ArrayList<>();
        MemcgHooks table = MemcgHooks.builder()
                .handleCgroupOnline(memcg -> told.add("+" + memcg.path()))
                .handleCgroupOffline(memcg -> told.add("-" + memcg.path()))
                .build();
        model.attach(at("p"), table);
        assertThat(told).as("not for those there are").isEmpty();

        Cgroup made = run.create("p/new/deep", Scenarios.MAX);
        assertThat(inForce("p/new")).isSameAs(table);
        run.create("q", Scenarios.MAX);
        model.remove(made);
        model.remove(at("p/new"));
        model.remove(at("q"));
        assertThat(told).containsExactly("+p/new", "+p/new/deep", "-p/new/deep", "-p/new");
    }

    @Test
    void whatIsNotACgroupOfThisHostIsRefused() {
        Cgroup gone = run.create("gone", Scenarios.MAX);
        model.remove(gone);

        refused(Errno.EINVAL, "gone#" + gone.id(), () -> model.attach(gone, first));
        refused(Errno.EINVAL, "another host's", () -> model.attach(new Cgroup(at("p").id(), "elsewhere"), first));
        refused(Errno.EINVAL, "x#77", () -> model.swap(new Cgroup(77, "x"), first));
        refused(Errno.EOPNOTSUPP, "the host is not a cgroup", () -> model.attach(Cgroup.HOST, first));
        refused(Errno.EOPNOTSUPP, "0x2", () -> model.attach(at("p"), first, 2));
        model.detach(gone);
    }

    @Test
    void thereIsOneGlobalTableAndItHasTryChargeOnly() {
        model.attachGlobal(global);

        refused(Errno.EEXIST, "only one", () -> model.attachGlobal(global));
        refused(Errno.EOPNOTSUPP, "to the root", () -> model.attachGlobal(first));
        refused(
                Errno.EOPNOTSUPP,
                "to the root",
                () -> model.attachGlobal(MemcgHooks.builder().build()));
        model.detachGlobal();
        model.detachGlobal();
        model.attachGlobal(global);
        assertThat(inForce("p/m")).isSameAs(global);
    }

    @Test
    void theGlobalTableStandsBesideAnother() {
        model.attach(at("p/m"), first);
        model.attachGlobal(global);
        model.attach(at("p/n"), second);

        for (String path : List.of("p/m", "p/m/leaf", "p/n")) {
            assertThat(inForce(path)).satisfies(both -> {
                assertThat(both.tryCharge).isSameAs(global.tryCharge);
                assertThat(both.belowLow).isNotNull();
            });
        }
        model.detachGlobal();
        assertThat(inForce("p/m")).isSameAs(first);
        assertThat(inForce("p")).isNull();
    }

    @Test
    void ownTryChargeGoesBeforeTheGlobalOne() {
        MemcgHooks own = MemcgHooks.builder()
                .tryCharge((memcg, gfp, nrPages, over, options, done) -> 0)
                .build();
        model.attachGlobal(global);
        model.attach(at("p"), own);

        assertThat(inForce("p/m")).isSameAs(own);
    }

    /** A hook's thread must not wait, and all of this does. */
    @Test
    void nothingIsChangedFromWithinAHook() {
        List<Throwable> refusals = new ArrayList<>();
        Run tasks = new Run(Scenarios.host()
                .cgroup("a", Scenarios.MAX)
                .cgroup("b", Scenarios.MAX)
                .run("a", "one", new Step.Allocate("x", 4096, Scenarios.FAST)));
        Cgroup b = tasks.cgroup("b");
        List<Runnable> changes = List.of(
                () -> tasks.model.attach(b, first),
                () -> tasks.model.swap(b, first),
                () -> tasks.model.detach(b),
                () -> tasks.model.attachGlobal(global),
                tasks.model::detachGlobal,
                () -> tasks.create("c", Scenarios.MAX),
                () -> tasks.model.remove(b));
        tasks.model.attach(
                tasks.cgroup("a"),
                MemcgHooks.builder()
                        .memcgCharged((memcg, nrPages) -> {
                            for (Runnable change : changes) {
                                try {
                                    change.run();
                                } catch (MemcgHooksException e) {
                                    refusals.add(e);
                                }
                            }
                            return 0;
                        })
                        .build());
        tasks.model.start();
        tasks.advance(Duration.ofSeconds(1));

        assertThat(refusals)
                .hasSize(changes.size())
                .allSatisfy(e -> assertThat(e).hasMessageContaining("must not wait"));
        assertThat(tasks.model.hookFailures()).isZero();
    }

    @Test
    void parentsAreTold() {
        assertThat(model.parent(at("p/m/leaf"))).contains(at("p/m"));
        assertThat(model.parent(at(""))).isEmpty();
        Cgroup gone = run.create("gone", Scenarios.MAX);
        model.remove(gone);
        assertThat(model.parent(gone)).isEmpty();
    }
}
