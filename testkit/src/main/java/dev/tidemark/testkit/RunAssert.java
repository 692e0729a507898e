package dev.tidemark.testkit;

/** What can be said of a {@link Run} up to now. */
public final class RunAssert {

    private final Run run;
    private final String description;

    RunAssert(Run run, String description) {
        this.run = run;
        this.description = description;
    }

    /** Says what it is about; the message of what fails begins with it. */
    public RunAssert as(String text) {
        return new RunAssert(run, text);
    }

    /**
     * About a cgroup.
     *
     * @throws IllegalArgumentException when there is and was none at this path
     */
    public CgroupAssert cgroup(String path) {
        return new CgroupAssert(new Claims(run, description, "cgroup " + path, moment -> moment.isAbout(path)), path);
    }

    /**
     * About a policy.
     *
     * @throws IllegalArgumentException when the agent has and had none of that name
     */
    public PolicyAssert policy(String name) {
        return new PolicyAssert(run, description, name);
    }

    /**
     * About a workload.
     *
     * @throws IllegalArgumentException when the scenario has none of that name
     */
    public WorkloadAssert workload(String name) {
        return new WorkloadAssert(run, description, name);
    }

    /**
     * About this run beside another, usually one of the same scenario without policies.
     *
     * @throws IllegalArgumentException when both are one
     */
    public ComparisonAssert comparedTo(Run other) {
        return new ComparisonAssert(run, description, other);
    }

    /** No cgroup hit its limit: {@code max} of memory.events did not rise anywhere. */
    public RunAssert hitNoLimit() {
        return none(Moment.Counter.MAX, "no cgroup to hit its limit");
    }

    /** No task was killed for lack of memory. */
    public RunAssert killedNobody() {
        return none(Moment.Counter.OOM_KILL, "nobody to be killed for lack of memory");
    }

    /** The agent complained of nothing; of use after {@link Run#expectComplaints}. */
    public RunAssert hadNoComplaints() {
        if (!run.complaints().isEmpty()) {
            throw fails("the agent to complain of nothing", "it complained: " + String.join("; ", run.complaints()));
        }
        return this;
    }

    /** A complaint of the agent contains this text. */
    public RunAssert complainedOf(String part) {
        if (run.complaints().stream().noneMatch(complaint -> complaint.contains(part))) {
            throw fails("the agent to complain of " + part, "its complaints are " + run.complaints());
        }
        return this;
    }

    private RunAssert none(Moment.Counter counter, String expecting) {
        for (String path : run.paths()) {
            long count = run.track(path).count(counter);
            if (count > 0) {
                throw fails(expecting, path + " " + counter.happened + " " + Claims.times(count));
            }
        }
        return this;
    }

    private AssertionError fails(String expecting, String but) {
        return Failures.failure(run, description, expecting, but, moment -> true);
    }
}
