# What scenarios use. Sourced by main.sh (busybox sh).

CGROUPS=/sys/fs/cgroup
AGENT_CGROUP=$CGROUPS/tidemark # the agent's own, so that what it uses is counted apart
AGENT_NICE=-10                 # reclaim that comes late is worth nothing; its service unit says the same
READY_SECONDS=60               # within which it has to be ready; a scenario may need more

# A line for the host: a kind and key=value pairs. The second serial port carries these, the kernel does not write there.
emit() { printf '%s\n' "$*" >/dev/ttyS1; }

# Sends a file's last lines along, for whoever has to find out why.
emit_log() { tail -n 400 "$2" | sed "s/^/log $1 /" >/dev/ttyS1; }

# Ends the scenario as failed: the reason becomes the cell's result.
fail() {
  printf '%s' "$*" >/tmp/failure
  exit 1
}

set_mglru() {
  local file=/sys/kernel/mm/lru_gen/enabled
  case $1 in
    off) [ ! -e $file ] || echo n >$file ;;
    on) [ -e $file ] && echo y >$file ;;
  esac
}

now_ms() { awk '{ printf "%d", $1 * 1000 }' /proc/uptime; }

# field FILE KEY: the number behind the key in a file of "key number" lines.
field() { awk -v key="$2" '$1 == key { print $2; found = 1; exit } END { if (!found) print 0 }' "$1"; }

# wait_until SECONDS COMMAND...: true as soon as the command is, false when time is up.
wait_until() {
  local ticks=$(($1 * 10))
  shift
  while ! "$@"; do
    ticks=$((ticks - 1))
    [ "$ticks" -gt 0 ] || return 1
    sleep 0.1
  done
}

# start_agent POLICY [OPTION...]: runs the packaged agent as its service does, at a raised priority, and waits until it is ready.
start_agent() {
  local policy=$1
  shift
  mkdir -p "$AGENT_CGROUP"
  sh -c "echo 0 >$AGENT_CGROUP/cgroup.procs; renice -n $AGENT_NICE -p \$\$; exec $JOB/tidemark/bin/tidemark run --no-socket $* $policy" >/tmp/agent.out 2>/tmp/agent.err &
  AGENT_PID=$!
  wait_until "$READY_SECONDS" agent_ready_or_gone
  agent_ready && return
  # What its threads are at, which the JVM writes to its output.
  kill -QUIT "$AGENT_PID" 2>/dev/null && sleep 5
  emit_log agent.out /tmp/agent.out
  emit_log agent.err /tmp/agent.err
  if kill -0 "$AGENT_PID" 2>/dev/null; then fail "the agent was not ready after $READY_SECONDS s"; fi
  fail "the agent ended before it was ready"
}

agent_ready() { grep -qw ready /tmp/agent.err /tmp/agent.out; }
agent_ready_or_gone() { agent_ready || ! kill -0 "$AGENT_PID" 2>/dev/null; }

# stop_agent [NAME]: SIGTERM; tells how long it took (kind stop) and passes its summary on (kind summary). With a name, for a
# scenario that runs several one after the other, the kinds are stop_NAME and summary_NAME.
stop_agent() {
  local began status=0 suffix=${1:+_$1}
  began=$(now_ms)
  kill -TERM "$AGENT_PID" 2>/dev/null
  wait "$AGENT_PID" || status=$?
  emit "stop$suffix status=$status ms=$(($(now_ms) - began)) cpu_usec=$(field "$AGENT_CGROUP/cpu.stat" usage_usec)"
  emit_log agent.out /tmp/agent.out
  emit_log agent.err /tmp/agent.err
  local summary
  summary=$(sed -n 's/^summary: *//p' /tmp/agent.out | tail -n 1)
  [ -n "$summary" ] && emit "summary$suffix $summary"
}
