# The series' own tests of priority: both with the kernel alone, low throttled while high faults, high protected while it faults, and low
# throttled when much of high has been scanned. By turns in one boot; the agent runs all the time, and each policy matches the cgroups of
# its own runs only.

LIMIT=${LIMIT:-120M}
BYTES=67108864
# The series reads 50 times. Here that takes 50 to 130 ms when nobody is in the way, and low may be through before high begins to read.
REREADS=${REREADS:-300}
. "$JOB/pair.sh"

make_lab
start_agent "$SCENARIO/policy.yaml"
run=1
while [ $run -le "$RUNS" ]; do
  for mode in alone faults protect scans; do
    make_pair $mode $run
    play_pair $mode $run low high
    remove_pair
  done
  kill -0 "$AGENT_PID" 2>/dev/null || fail "the agent ended by itself during run $run"
  run=$((run + 1))
done
stop_agent
