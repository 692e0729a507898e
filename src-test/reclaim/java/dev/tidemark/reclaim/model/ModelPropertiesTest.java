package dev.tidemark.reclaim.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.Signal;
import dev.tidemark.support.Check;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One scenario is one run, to the last page. */
class ModelPropertiesTest {

    @Test
    void theSameScenarioRunsTheSameEachTime() {
        Check.forAll(20, ModelCase.cases(), c -> assertThat(trace(c)).isEqualTo(trace(c)));
    }

    @Test
    void theSeedMatters() {
        Run one = Run.started(Scenarios.selftest().seed(1)).advance(Duration.ofMinutes(1));
        Run two = Run.started(Scenarios.selftest().seed(2)).advance(Duration.ofMinutes(1));

        assertThat(one.model.report()).isNotEqualTo(two.model.report());
    }

    private static List<String> trace(ModelCase c) {
        Run run = c.run();
        List<String> trace = new ArrayList<>();
        run.model.start();
        for (int i = 0; i < 30; i++) {
            c.disturb(run, i);
            run.advance(Duration.ofMillis(10));
            for (String path : ModelCase.PATHS) {
                for (Signal signal : Signal.all()) {
                    trace.add(path + " " + signal + " " + run.value(path, signal));
                }
            }
        }
        trace.add("" + run.model.report());
        return trace;
    }
}
