# The selftest's workload under four policies that differ in their START only, one agent after the other. As many runs alone are
# spread evenly among them.

. "$JOB/selftest.sh"

# runs_with POLICY TURN: RUNS runs with it, and before every fourth of them, by turns, one alone.
runs_with() {
  local run=1
  start_agent "$SCENARIO/$1.yaml"
  while [ $run -le "$RUNS" ]; do
    [ $((run % 4)) != "$2" ] || one_run alone $run
    one_run "$1" $run
    kill -0 "$AGENT_PID" 2>/dev/null || fail "the agent with $1.yaml ended by itself during run $run"
    run=$((run + 1))
  done
  stop_agent "$1"
}

make_lab
runs_with usage 1
runs_with psi 2
runs_with pgscan 3
runs_with combination 0
