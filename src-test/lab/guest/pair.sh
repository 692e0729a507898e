# Two cgroups high and low under one that has a limit and no swap; in each a file is written and then read over and over through mmap.
# Together they want more than there is. Sourced by the scenarios that use it, which set LIMIT, BYTES and REREADS.

CHUNK=4096
SETTLE=2 # seconds for the agent to find new cgroups (it promises 1)

# make_pair MODE NUMBER: leaves the path of the cgroup with the limit in PAIR.
make_pair() {
  PAIR=$CGROUPS/lab/$1-$2
  mkdir "$PAIR"
  echo +memory >"$PAIR/cgroup.subtree_control"
  mkdir "$PAIR/high" "$PAIR/low"
  echo "$LIMIT" >"$PAIR/memory.max"
  echo 0 >"$PAIR/memory.swap.max"
}

# work_in NAME: in the background; PID is its process.
work_in() {
  sh -c "echo 0 >$PAIR/$1/cgroup.procs && exec $JOB/bin/filework /data/$1 $BYTES $CHUNK $REREADS" >"/tmp/work.$1" 2>"/tmp/err.$1" &
  PID=$!
}

# play_pair MODE NUMBER NAME...: the named ones at once, until each has ended; tells a line of kind MODE.
play_pair() {
  local mode=$1 run=$2 told="" name cpu
  shift 2
  rm -f /tmp/work.*
  sleep $SETTLE
  cpu=$(agent_cpu_usec)
  for name in "$@"; do
    work_in "$name"
    eval "pid_$name=$PID"
  done
  for name in "$@"; do
    eval "wait \$pid_$name" && told="$told ${name}_exit=0" || told="$told ${name}_exit=$?"
  done
  for name in "$@"; do told="$told $(worked "$name")"; done
  emit "$mode run=$run$told max=$(field "$PAIR/memory.events" max) oom_kill=$(field "$PAIR/memory.events" oom_kill)" \
    "agent_cpu_ms=$((($(agent_cpu_usec) - cpu) / 1000)) $(behind)"
}

# By how much low took longer than high, and what lacks of the second that the series asks for.
behind() {
  [ -e /tmp/work.low ] || return
  local ms=$(($(total_ms low) - $(total_ms high)))
  printf 'behind_ms=%s short_ms=%s' $ms $((ms > 1000 ? 0 : 1001 - ms))
}

agent_cpu_usec() { field "$AGENT_CGROUP/cpu.stat" usage_usec; }

total_ms() { sed -n 's/^[a-z]*_ms=//p' "/tmp/work.$1" | awk '{ sum += $1 } END { printf "%d", sum }'; }

# What one of the two did and went through, as key=value pairs that begin with its name.
worked() {
  local key
  printf '%s_ms=%s ' "$1" "$(total_ms "$1")"
  sed "s/^/$1_/" "/tmp/work.$1" | tr '\n' ' '
  for key in pgfault pgmajfault pgscan pgsteal pgsteal_direct pgsteal_proactive workingset_refault_file; do
    printf '%s_%s=%s ' "$1" $key "$(field "$PAIR/$1/memory.stat" $key)"
  done
  for key in low high max; do printf '%s_event_%s=%s ' "$1" $key "$(field "$PAIR/$1/memory.events" $key)"; done
  printf '%s_some_us=%s' "$1" "$(sed -n 's/^some .*total=//p' "$PAIR/$1/memory.pressure")"
}

remove_pair() {
  rm -f /data/high /data/low
  sync
  wait_until 5 remove_cgroups || fail "cgroup $PAIR could not be removed"
}

remove_cgroups() { rmdir "$PAIR/high" "$PAIR/low" "$PAIR" 2>/dev/null || [ ! -e "$PAIR" ]; }

# make_lab: the cgroup that the pairs are made in.
make_lab() {
  mkdir "$CGROUPS/lab"
  echo +memory >"$CGROUPS/lab/cgroup.subtree_control"
}
