# The kernel's pressure triggers under real pressure: in each run two new cgroups of 24 MiB in which a file of 64 MiB is read over
# and over, by turns with a pause in which the last push wears off. Tells how the agent's pushes did, and that
# the kernel's threads behind the triggers go: when a cgroup does, and with the agent.

SECONDS_EACH=20
ON_MS=1500
OFF_MS=1600
BYTES=67108864
PAIR="a b"

psimon_threads() { cat /proc/[0-9]*/comm 2>/dev/null | grep -c '^psimon'; }
no_psimon_left() { [ "$(psimon_threads)" = "$1" ]; }

some_total() { sed -n 's/^some .*total=//p' "$1/memory.pressure"; }

# start_thrash RUN NAME
start_thrash() {
  local group=$CGROUPS/lab/push-$1-$2
  mkdir "$group"
  echo 24M >"$group/memory.max"
  echo 0 >"$group/memory.swap.max"
  sh -c "echo 0 >$group/cgroup.procs && exec $JOB/bin/thrash /data/file-$2 $BYTES $SECONDS_EACH $ON_MS $OFF_MS" >/dev/null 2>>/tmp/work.err &
}

# one_run NUMBER
one_run() {
  local name groups=0 threads waited=0 left
  for name in $PAIR; do
    start_thrash "$1" $name
    eval "pid_$name=$!"
    groups=$((groups + 1))
  done
  sleep $((SECONDS_EACH / 2)) # the agent has found them by now
  threads=$(psimon_threads)
  for name in $PAIR; do
    eval "wait \$pid_$name" || fail "thrash failed: $(tail -n 1 /tmp/work.err)"
    waited=$((waited + $(some_total "$CGROUPS/lab/push-$1-$name")))
    rm -f "/data/file-$name"
  done
  for name in $PAIR; do
    wait_until 5 rmdir "$CGROUPS/lab/push-$1-$name" 2>/dev/null || fail "a cgroup could not be removed"
  done
  wait_until 5 no_psimon_left "$BEFORE"
  left=$(($(psimon_threads) - BEFORE))
  emit "push run=$1 psimon=$((threads - BEFORE)) missing=$((groups + BEFORE > threads ? groups + BEFORE - threads : 0)) left=$left" \
    "some_percent=$((waited / groups / SECONDS_EACH / 10000))"
}

mkdir "$CGROUPS/lab"
echo +memory >"$CGROUPS/lab/cgroup.subtree_control"
BEFORE=$(psimon_threads)
# A cgroup that is there all the time: its trigger is open when the agent is told to end.
mkdir "$CGROUPS/lab/push-idle"
start_agent "$SCENARIO/policy.yaml"
wait_until 5 no_psimon_left $((BEFORE + 1)) || emit_log agent.err /tmp/agent.err
BEFORE_AGENT=$BEFORE
WITH_IDLE=$(psimon_threads)
BEFORE=$WITH_IDLE
run=1
while [ $run -le "$RUNS" ]; do
  one_run $run
  kill -0 "$AGENT_PID" 2>/dev/null || fail "the agent ended by itself during run $run"
  run=$((run + 1))
done
stop_agent
wait_until 5 no_psimon_left "$BEFORE_AGENT"
emit "threads silent=$(grep -c " pushes=0 " /tmp/agent.out) idle_missing=$((BEFORE_AGENT + 1 > WITH_IDLE)) psimon=$(($(psimon_threads) - BEFORE_AGENT))"
