# The workload of the BPF series' own selftest: a file of 64 MiB, written in 4 KiB pieces and then read through mmap, in a cgroup
# of 32 MiB without swap. Sourced by the scenarios that use it.

LIMIT=32M
BYTES=67108864
CHUNK=4096
SETTLE=2 # seconds for the agent to find the new cgroup (it promises 1)

# one_run MODE NUMBER: in a cgroup lab/MODE-NUMBER of its own; tells a line of kind MODE.
one_run() {
  local mode=$1 group="$CGROUPS/lab/$1-$2" file=/data/file status=0
  mkdir "$group"
  echo $LIMIT >"$group/memory.max"
  echo 0 >"$group/memory.swap.max"
  sleep $SETTLE
  sh -c "echo 0 >$group/cgroup.procs && exec $JOB/bin/filework $file $BYTES $CHUNK" >/tmp/work 2>/tmp/work.err || status=$?
  emit "$mode run=$2 $(figures "$group") exit=$status $(tr '\n' ' ' </tmp/work)"
  rm -f "$file"
  sync
  # Cache of the removed file is uncharged at once; the cgroup can go as soon as its process is reaped.
  wait_until 5 rmdir "$group" 2>/dev/null || fail "cgroup $group could not be removed"
}

# What the cgroup went through, as key=value pairs.
figures() {
  local key
  for key in max oom oom_kill; do printf '%s=%s ' $key "$(field "$1/memory.events" $key)"; done
  for key in pgscan pgsteal pgscan_direct pgsteal_direct pgscan_proactive pgsteal_proactive workingset_refault_file pgmajfault; do
    printf '%s=%s ' $key "$(field "$1/memory.stat" $key)"
  done
  printf 'peak=%s' "$(cat "$1/memory.peak" 2>/dev/null || echo 0)"
}

# make_lab: the cgroup that the runs' own are made in.
make_lab() {
  mkdir "$CGROUPS/lab"
  echo +memory >"$CGROUPS/lab/cgroup.subtree_control"
}
