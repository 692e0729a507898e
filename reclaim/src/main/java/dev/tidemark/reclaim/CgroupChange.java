package dev.tidemark.reclaim;

import dev.tidemark.triggers.Cgroup;

/** What happened in the cgroup tree. */
public sealed interface CgroupChange {

    /** A cgroup is there: it was when watching began, or was made since. */
    record Appeared(Cgroup cgroup) implements CgroupChange {}

    /** A cgroup is not there any more. A cgroup made anew at its path is another one, with another id. */
    record Gone(Cgroup cgroup) implements CgroupChange {}

    /** The cgroups that were there when watching began have all been told. */
    record Listed() implements CgroupChange {}
}
