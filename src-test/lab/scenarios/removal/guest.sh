# A cgroup with 1 GiB of page cache, of a sparse file that is read: clean, and made without a disk having to give it. By turns its cache
# is reclaimed by one write of 1 GiB to memory.reclaim, as a shell would do it, and by the agent, whose policy matches the cgroups of
# its own runs only. A quarter of the way down its process ends and it is removed.

BYTES=1073741824
FULL=1048576000 # not quite: the agent begins while the last of it comes in
BELOW=805306368
SETTLE=2

# one_run MODE NUMBER [REQUEST]
one_run() {
  local mode=$1 run=$2 group=$CGROUPS/lab/$1-$2 status=0
  shift 2
  mkdir "$group"
  sleep $SETTLE
  sh -c "echo 0 >$group/cgroup.procs && cat /data/sparse >/dev/null && exec sleep 1000" &
  "$JOB/bin/removal" "$group" $FULL $BELOW "$@" >/tmp/removal 2>/tmp/removal.err || status=$?
  emit "$mode run=$run $(tr '\n' ' ' </tmp/removal)"
  [ $status = 0 ] || fail "$mode run $run: $(tail -n 1 /tmp/removal.err)"
  wait $! 2>/dev/null
  # The cache outlives its cgroup; the next run's has to be charged to the next cgroup.
  echo 1 >/proc/sys/vm/drop_caches
}

mkdir "$CGROUPS/lab"
echo +memory >"$CGROUPS/lab/cgroup.subtree_control"
truncate -s $BYTES /data/sparse
start_agent "$SCENARIO/policy.yaml"
run=1
while [ $run -le "$RUNS" ]; do
  one_run alone $run 1G
  one_run agent $run
  kill -0 "$AGENT_PID" 2>/dev/null || fail "the agent ended by itself during run $run"
  run=$((run + 1))
done
stop_agent
