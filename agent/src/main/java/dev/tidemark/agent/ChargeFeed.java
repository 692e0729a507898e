package dev.tidemark.agent;

import dev.tidemark.triggers.Cgroup;
import java.util.function.Consumer;

/**
 * A source of charges: where a kernel lets us into its charge path, it tells of a crossing at once, and sampling need not
 * find it.
 *
 * <p><b>Thread:</b> called on the core thread; tells crossings there.
 */
interface ChargeFeed {

    /** For kernels that do not let anybody in. */
    ChargeFeed NONE = new ChargeFeed() {
        @Override
        public void connect(Consumer<Cgroup> crossed) {}

        @Override
        public void appeared(Cgroup cgroup) {}

        @Override
        public void gone(Cgroup cgroup) {}

        @Override
        public void arm(Cgroup cgroup, double bytes) {}
    };

    /** Says whom to tell of a cgroup whose usage has crossed what it was armed with. */
    void connect(Consumer<Cgroup> crossed);

    void appeared(Cgroup cgroup);

    void gone(Cgroup cgroup);

    /** Wants to be told, once, when usage reaches this many bytes; never for positive infinity. */
    void arm(Cgroup cgroup, double bytes);
}
