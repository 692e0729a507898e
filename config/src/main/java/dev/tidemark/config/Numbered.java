package dev.tidemark.config;

import dev.tidemark.config.Scenario.Step;
import java.util.List;

/** What stands once in a file for several that are alike but for a number: {@value #MARK} in a name is that number. */
final class Numbered {
    static final String MARK = "#";

    private Numbered() {}

    static String name(String name, int number) {
        return name.replace(MARK, String.valueOf(number));
    }

    /**
     * The steps of one of several processes.
     *
     * @param number of the process
     * @param cgroup it runs in, from which it reclaims where nothing else is said
     */
    static List<Step> steps(List<Step> steps, int number, String cgroup) {
        return steps.stream().map(step -> step(step, number, cgroup)).toList();
    }

    private static Step step(Step step, int number, String cgroup) {
        return switch (step) {
            case Step.Write write ->
                new Step.Write(name(write.file(), number), write.bytes(), write.bytesPerSecond(), write.chunkBytes());
            case Step.Append append ->
                new Step.Append(
                        name(append.file(), number), append.bytes(), append.bytesPerSecond(), append.chunkBytes());
            case Step.Sync sync -> new Step.Sync(name(sync.file(), number));
            case Step.Read read -> new Step.Read(name(read.file(), number), read.access(), read.via());
            case Step.Remove remove -> new Step.Remove(name(remove.file(), number));
            case Step.Reclaim reclaim
            when reclaim.cgroup().isEmpty() -> new Step.Reclaim(cgroup, reclaim.bytes(), reclaim.swappiness());
            case Step.Repeat repeat ->
                new Step.Repeat(
                        repeat.times(), repeat.duration(), repeat.period(), steps(repeat.steps(), number, cgroup));
            case Step.Allocate _, Step.Grow _, Step.Touch _, Step.Free _, Step.Sleep _, Step.Reclaim _ -> step;
        };
    }
}
