# By turns in one boot: high without low, which is what there is to gain; both with the kernel alone; both with memory.low of high at the
# file's size; both with the agent, which by one policy takes from low and by another throttles it. It runs all the time, and each policy
# matches the cgroups of its own runs only.

LIMIT=32M
BYTES=${BYTES:-33554432}
REREADS=${REREADS:-50}
. "$JOB/pair.sh"

# one_run MODE NUMBER
one_run() {
  make_pair "$1" "$2"
  [ "$1" != static ] || echo $BYTES >"$PAIR/high/memory.low"
  if [ "$1" = solo ]; then play_pair "$1" "$2" high; else play_pair "$1" "$2" low high; fi
  remove_pair
}

make_lab
start_agent "$SCENARIO/policy.yaml"
run=1
while [ $run -le "$RUNS" ]; do
  for mode in solo alone static reclaim throttle; do one_run $mode $run; done
  kill -0 "$AGENT_PID" 2>/dev/null || fail "the agent ended by itself during run $run"
  run=$((run + 1))
done
stop_agent
