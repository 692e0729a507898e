package dev.tidemark.testkit;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import reactor.core.scheduler.Schedulers;

/** What may know what, and who may touch time, threads and files. */
class ArchitectureTest {

    @SuppressWarnings("NullAway.Init") // set before all tests
    private static JavaClasses classes;

    @BeforeAll
    static void load() {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.tidemark");
    }

    @Test
    void smokeTestWhereClassesLoaded() {
        assertThat(classes)
                .extracting(type -> type.getPackageName())
                .contains(
                        "dev.tidemark.config",
                        "dev.tidemark.triggers",
                        "dev.tidemark.reclaim",
                        "dev.tidemark.reclaim.cgroup2",
                        "dev.tidemark.reclaim.model",
                        "dev.tidemark.agent",
                        "dev.tidemark.testkit");
    }

    @Test
    void eachRoomUsesOnlyThoseToItsLeft() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("dev.tidemark..")
                .layer("config")
                .definedBy("dev.tidemark.config..")
                .layer("triggers")
                .definedBy("dev.tidemark.triggers..")
                .layer("reclaim")
                .definedBy("dev.tidemark.reclaim..")
                .layer("agent")
                .definedBy("dev.tidemark.agent..")
                .layer("testkit")
                .definedBy("dev.tidemark.testkit..")
                .whereLayer("testkit")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("agent")
                .mayOnlyBeAccessedByLayers("testkit")
                .whereLayer("reclaim")
                .mayOnlyBeAccessedByLayers("agent", "testkit")
                .whereLayer("triggers")
                .mayOnlyBeAccessedByLayers("reclaim", "agent", "testkit")
                .whereLayer("config")
                .mayOnlyBeAccessedByLayers("triggers", "reclaim", "agent", "testkit")
                .check(classes);
    }

    @Test
    void configKnowsNeitherReactorNorAKernel() {
        noClasses()
                .that()
                .resideInAPackage("dev.tidemark.config..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("reactor..", "java.nio.file..", "java.lang.foreign..")
                .check(classes);
    }

    @Test
    void theReclaimEngineDoesNotKnowWhichKernelItHas() {
        noClasses()
                .that()
                .resideInAPackage("dev.tidemark.reclaim")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.tidemark.reclaim.cgroup2..", "dev.tidemark.reclaim.model..")
                .check(classes);
    }

    @Test
    void timeAndThreadsAreInjected() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.tidemark.agent..")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(Clock.class, "systemUTC")
                .orShould()
                .callMethod(Schedulers.class, "parallel")
                .orShould()
                .callMethod(Schedulers.class, "boundedElastic")
                .orShould()
                .callMethod(Schedulers.class, "single")
                .check(classes);
    }

    @Test
    void nobodySleeps() {
        noClasses()
                .should()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(Thread.class, "sleep", long.class, int.class)
                .orShould()
                .callMethod(Thread.class, "sleep", java.time.Duration.class)
                .check(classes);
    }

    @Test
    void theTestKitKnowsOfTestsNothingButJUnit() {
        noClasses()
                .that()
                .resideInAPackage("dev.tidemark.testkit..")
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages(
                        "dev.tidemark..",
                        "java..",
                        "org.junit..",
                        "org.opentest4j..",
                        "org.jspecify..",
                        "reactor.core..")
                .check(classes);
    }

    /** The test kit only reads the scenarios and policies it is told to. */
    @Test
    void onlyTheHostsControllerTheProcessAndTheTestKitTouchFiles() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "dev.tidemark.reclaim.cgroup2..", "dev.tidemark.agent..", "dev.tidemark.testkit..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.nio.file..", "java.nio.channels..", "java.lang.foreign..")
                .check(classes);
    }
}
