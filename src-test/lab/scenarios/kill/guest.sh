# The agent throttles one cgroup and protects another, and is ended by SIGKILL at a random instant meanwhile. By turns the next agent or
# `tidemark restore` has to put back what was there before, which is another value in each round.

HIGH=$CGROUPS/lab/high     # protected
LOW=$CGROUPS/lab/low       # throttled
SWITCH=$CGROUPS/lab/switch # 16 MiB of page cache in it set both off, none ends both
MIB=1048576

# in_cgroup CGROUP COMMAND...
in_cgroup() {
  local group=$1
  shift
  sh -c 'echo 0 >"$0/cgroup.procs" && exec "$@"' "$group" "$@"
}

switch_on() { in_cgroup "$SWITCH" head -c $((16 * MIB)) /dev/zero >/data/switch; }
switch_off() { rm -f /data/switch; }

# pause MOST: up to so many milliseconds.
pause() { usleep $((RANDOM * 1000 * $1 / 32768)); }

# What both had before, in a way that no other round has.
set_before() {
  BEFORE_HIGH=$(((200 + $1) * MIB))
  BEFORE_LOW=$((4096 * $1))
  echo $BEFORE_HIGH >"$LOW/memory.high"
  echo $BEFORE_LOW >"$HIGH/memory.low"
}

high_is() { [ "$(cat "$LOW/memory.high")" = "$BEFORE_HIGH" ]; }
low_is() { [ "$(cat "$HIGH/memory.low")" = "$BEFORE_LOW" ]; }
both_are() { high_is && low_is; }
flag() { if "$@"; then echo 1; else echo 0; fi; }

# kill_one NUMBER: at any instant from START on until some time after STOP. Low has its cache again, so that it is throttled in
# several steps.
kill_one() {
  set_before "$1"
  in_cgroup "$LOW" cat /data/low >/dev/null
  switch_on
  pause 1500
  if [ $(($1 % 3)) = 0 ]; then
    switch_off
    pause 200
  fi
  kill -KILL "$AGENT_PID"
  wait "$AGENT_PID" 2>/dev/null
  THROTTLED=$((1 - $(flag high_is)))
  PROTECTED=$((1 - $(flag low_is)))
  switch_off
}

# restored NUMBER BY: what is told of a round.
restored() {
  wait_until 5 both_are
  emit "$2 round=$1 throttled=$THROTTLED protected=$PROTECTED high_lost=$((1 - $(flag high_is))) low_lost=$((1 - $(flag low_is)))" \
    "high=$(cat "$LOW/memory.high") high_before=$BEFORE_HIGH low=$(cat "$HIGH/memory.low") low_before=$BEFORE_LOW ms=$(($(now_ms) - BEGAN))"
}

mkdir "$CGROUPS/lab"
echo +memory >"$CGROUPS/lab/cgroup.subtree_control"
mkdir "$HIGH" "$LOW" "$SWITCH"
in_cgroup "$LOW" head -c $((64 * MIB)) /dev/zero >/data/low
in_cgroup "$HIGH" head -c $((32 * MIB)) /dev/zero >/data/high
sync
# Each round starts the agent anew: its classes are kept, parsed and checked, by the first one, which ends in peace.
export TIDEMARK_JAVA_OPTS="-XX:+AutoCreateSharedArchive -XX:SharedArchiveFile=/tmp/tidemark.jsa -Xlog:disable"
start_agent "$SCENARIO/policy.yaml"
stop_agent
run=1
start_agent "$SCENARIO/policy.yaml"
while [ $run -le "$RUNS" ]; do
  kill_one $run
  BEGAN=$(now_ms)
  if [ $((run % 2)) = 0 ]; then
    "$JOB/tidemark/bin/tidemark" restore >/tmp/restore.out 2>&1 || fail "restore ended with $?: $(tail -n 1 /tmp/restore.out)"
    restored $run restore
    start_agent "$SCENARIO/policy.yaml"
  else
    start_agent "$SCENARIO/policy.yaml"
    restored $run start
  fi
  run=$((run + 1))
done
stop_agent last
