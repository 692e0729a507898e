# The selftest's workload. Runs with and without the agent take turns in one boot; the agent runs all the time, its policy does
# not match the others' cgroups.

. "$JOB/selftest.sh"

make_lab
start_agent "$SCENARIO/policy.yaml"
run=1
while [ $run -le "$RUNS" ]; do
  one_run alone $run
  one_run agent $run
  kill -0 "$AGENT_PID" 2>/dev/null || fail "the agent ended by itself during run $run"
  run=$((run + 1))
done
stop_agent
