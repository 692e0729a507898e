# A program reads a file over and over, and the agent takes its page cache again. The agent's writers run in a cgroup of their own: by
# turns with as much CPU as they want (`free`) and with a fifth of one (`bound`). An agent for each.

BYTES=536870912
SECONDS_EACH=20
QUOTA_US=20000
PERIOD_US=100000
WRITERS=$AGENT_CGROUP/reclaim

cpu_usec() { field "$1/cpu.stat" usage_usec; }
now_us() { awk '{ printf "%d", $1 * 1000000 }' /proc/uptime; }

# one_run MODE NUMBER
one_run() {
  local mode=$1 group=$CGROUPS/lab/$1-$2 began writers agent throttled wall pid
  mkdir "$group"
  sh -c "echo 0 >$group/cgroup.procs && while cat /data/sparse; do :; done" >/dev/null &
  pid=$!
  sleep 2
  began=$(now_us) writers=$(cpu_usec "$WRITERS") agent=$(cpu_usec "$AGENT_CGROUP") throttled=$(field "$WRITERS/cpu.stat" throttled_usec)
  sleep $SECONDS_EACH
  writers=$(($(cpu_usec "$WRITERS") - writers)) agent=$(($(cpu_usec "$AGENT_CGROUP") - agent))
  throttled=$(($(field "$WRITERS/cpu.stat" throttled_usec) - throttled)) wall=$(($(now_us) - began))
  emit "$mode run=$run writers_percent=$(percent $writers $wall) rest_percent=$(percent $((agent - writers)) $wall)" \
    "throttled_percent=$(percent $throttled $wall) writers_us=$writers agent_us=$agent throttled_us=$throttled wall_us=$wall" \
    "usage=$(cat "$group/memory.current")"
  [ "$writers" -gt 0 ] || fail "$mode run $run: the agent's writers did nothing"
  # The reader may be between two files.
  echo 1 >"$group/cgroup.kill"
  wait $pid 2>/dev/null
  wait_until 5 rmdir "$group" 2>/dev/null || fail "cgroup $group could not be removed"
  # The cache outlives its cgroup; the next run's has to be charged to the next cgroup.
  echo 1 >/proc/sys/vm/drop_caches
}

percent() { awk -v part="$1" -v whole="$2" 'BEGIN { printf "%.1f", 100 * part / whole }'; }

# runs MODE CPU.MAX
runs() {
  local mode=$1 run=1 before
  start_agent "$SCENARIO/policy.yaml" --reclaim-cgroup reclaim
  echo "$2" >"$WRITERS/cpu.max" || fail "cpu.max of $WRITERS cannot be set"
  before=$(cpu_usec "$WRITERS")
  while [ $run -le "$RUNS" ]; do
    one_run "$mode" $run
    kill -0 "$AGENT_PID" 2>/dev/null || fail "the agent ended by itself during run $run"
    run=$((run + 1))
  done
  stop_agent "$mode"
  emit "account_$mode writers_us=$(($(cpu_usec "$WRITERS") - before))"
}

echo +cpu >"$CGROUPS/cgroup.subtree_control" || fail "this kernel has no cpu controller"
mkdir "$CGROUPS/lab"
echo +memory >"$CGROUPS/lab/cgroup.subtree_control"
truncate -s $BYTES /data/sparse
runs free "max $PERIOD_US"
runs bound "$QUOTA_US $PERIOD_US"
