# So many cgroups that nobody is in, a hundred a slice. By turns a C program that only reads three files of each every five seconds, the
# agent with three policies that want the same files as often, and the C program again.
#
# settings: GROUPS (how many cgroups), WINDOW (seconds each is measured, a multiple of five)

GROUPS=${GROUPS:-10000}
WINDOW=${WINDOW:-120}
A_SLICE=100
PERIOD=5    # seconds, as in policy.yaml
WARM_UP=60
READY_SECONDS=600
DESCRIPTORS=65536

make_groups() {
  local slice=0 made=0 names number
  mkdir "$CGROUPS/lab" && echo +memory >"$CGROUPS/lab/cgroup.subtree_control"
  while [ $made -lt "$GROUPS" ]; do
    mkdir "$CGROUPS/lab/slice-$slice" && echo +memory >"$CGROUPS/lab/slice-$slice/cgroup.subtree_control"
    names= number=0
    while [ $number -lt $A_SLICE ] && [ $made -lt "$GROUPS" ]; do
      names="$names work-$number"
      number=$((number + 1)) made=$((made + 1))
    done
    # One program for all of a slice: starting one takes longer here than making a cgroup.
    # shellcheck disable=SC2086
    (cd "$CGROUPS/lab/slice-$slice" && mkdir $names) || fail "no more than $made cgroups could be made"
    slice=$((slice + 1))
  done
  for group in "$CGROUPS"/lab/slice-*/work-*; do
    echo 64M >"$group/memory.max"
    printf '%s\n' "$group/memory.current" "$group/memory.pressure" "$group/memory.stat" >&3
  done 3>/tmp/files
}

# thread_us PID NAME: CPU so far of the process' threads whose names begin so, in microseconds.
thread_us() {
  local sum=0 task name ns
  for task in "/proc/$1"/task/*; do
    read -r name <"$task/comm" && read -r ns _ <"$task/schedstat" || continue
    case $name in "$2"*) sum=$((sum + ns / 1000)) ;; esac
  done
  echo $sum
}

# measure KIND PID CGROUP: what the process uses of a CPU over the window, after it has warmed up.
measure() {
  sleep $WARM_UP
  local used began ms reading core
  used=$(field "$3/cpu.stat" usage_usec)
  reading=$(thread_us "$2" tidemark-files)
  core=$(thread_us "$2" tidemark-core)
  began=$(now_ms)
  sleep "$WINDOW"
  kill -0 "$2" 2>/dev/null || fail "$1 ended by itself"
  used=$(($(field "$3/cpu.stat" usage_usec) - used))
  reading=$(($(thread_us "$2" tidemark-files) - reading))
  core=$(($(thread_us "$2" tidemark-core) - core))
  ms=$(($(now_ms) - began))
  emit "$1 rss_kib=$(field "/proc/$2/status" VmRSS:) hwm_kib=$(field "/proc/$2/status" VmHWM:)" \
    "descriptors=$(ls "/proc/$2/fd" | wc -l)" \
    "$(awk -v us=$used -v reading=$reading -v core=$core -v ms=$ms -v looks="$GROUPS" -v period=$PERIOD 'BEGIN {
      looks *= ms / 1000 / period
      printf "cpu_percent=%.2f us_a_cgroup=%.1f", us / ms / 10, us / looks
      # A program of one thread has none that are called so.
      if (reading > 0) printf " reading_us=%.1f core_us=%.1f", reading / looks, core / looks }')"
}

measure_reader() {
  local pid group=$CGROUPS/reader
  mkdir -p "$group"
  sh -c "echo 0 >$group/cgroup.procs; exec $SCENARIO/reader $DESCRIPTORS $PERIOD" </tmp/files >/tmp/reader.out 2>&1 &
  pid=$!
  wait_until $READY_SECONDS grep -qs ready /tmp/reader.out || fail "the reader was not ready: $(cat /tmp/reader.out)"
  measure reader $pid "$group"
  kill -TERM $pid
  wait $pid || fail "the reader: $(cat /tmp/reader.out)"
  emit "reader_ticks $(tail -n 1 /tmp/reader.out)"
}

measure_agent() {
  # C1 alone, for the emulated processor does not take it well when compiled code is replaced while it runs, as a second compiler does all the
  # time: one of two agents ended by SIGILL in the JDK's own code.
  export TIDEMARK_JAVA_OPTS="-XX:TieredStopAtLevel=1"
  start_agent "$SCENARIO/policy.yaml"
  measure agent "$AGENT_PID" "$AGENT_CGROUP"
  stop_agent
}

ulimit -n $DESCRIPTORS
began=$(now_ms)
make_groups
emit "made cgroups=$GROUPS ms=$(($(now_ms) - began)) free_kib=$(field /proc/meminfo MemAvailable:)"
measure_reader
measure_agent
measure_reader
