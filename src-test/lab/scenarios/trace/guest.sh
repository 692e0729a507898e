# Why a run hits its limit: the scheduler, reclaim on behalf of cgroups and what comes into the page cache, traced in each run; the
# traces of the first two runs that hit it, and of the first two that came close, are among the cell's results, in lines that begin
# with "trace RUN".

. "$JOB/selftest.sh"

TRACING=/sys/kernel/tracing
MISSES_WANTED=2
CLOSE=31457280 # bytes: 30 of 32 MiB
CLOSE_WANTED=2

# As in selftest, and how often the limit was hit is left in a file: the cgroup is gone when the trace is looked at.
figures() {
  local key
  for key in max oom oom_kill; do printf '%s=%s ' $key "$(field "$1/memory.events" $key)"; done
  field "$1/memory.events" max >/tmp/last_max
  for key in pgscan pgsteal; do printf '%s=%s ' $key "$(field "$1/memory.stat" $key)"; done
  cat "$1/memory.peak" >/tmp/last_peak 2>/dev/null || echo 0 >/tmp/last_peak
  printf 'peak=%s' "$(cat /tmp/last_peak)"
}

trace_setup() {
  mount -t tracefs tracefs $TRACING 2>/dev/null || [ -e $TRACING/trace ] || fail "no tracefs"
  echo 0 >$TRACING/tracing_on
  echo 16384 >$TRACING/buffer_size_kb
  echo mono >$TRACING/trace_clock
  for event in vmscan/mm_vmscan_memcg_reclaim_begin vmscan/mm_vmscan_memcg_reclaim_end filemap/mm_filemap_add_to_page_cache \
    vmscan/mm_vmscan_lru_shrink_inactive vmscan/mm_vmscan_throttled; do
    echo 1 >$TRACING/events/$event/enable
  done
  echo 1 >$TRACING/events/sched/sched_switch/enable
}

# Ageing and walks of page tables, where this kernel has them as functions of their own.
probe() {
  local function
  for function in try_to_inc_max_seq walk_mm lru_add_drain_all; do
    echo "p:$function $function" >>$TRACING/kprobe_events 2>/dev/null && echo 1 >$TRACING/events/kprobes/$function/enable
    echo "r:${function}_end $function" >>$TRACING/kprobe_events 2>/dev/null && echo 1 >$TRACING/events/kprobes/${function}_end/enable
  done
}

# keep RUN: its trace goes among the results.
keep() { sed "s/^/trace $1 /" $TRACING/trace >/dev/ttyS1; }

trace_setup
probe
make_lab
# Pauses of the agent's own, on the clock of the trace.
export TIDEMARK_JAVA_OPTS="-Xlog:gc,safepoint:file=/tmp/jvm:timenanos"
start_agent "$SCENARIO/policy.yaml"
run=1
misses=0
close=0
while [ $run -le "$RUNS" ] && [ $misses -lt $MISSES_WANTED ]; do
  echo >$TRACING/trace
  echo 1 >$TRACING/tracing_on
  one_run agent $run
  echo 0 >$TRACING/tracing_on
  if [ "$(cat /tmp/last_max)" != 0 ]; then
    keep $run
    misses=$((misses + 1))
  elif [ "$(cat /tmp/last_peak)" -ge $CLOSE ] && [ $close -lt $CLOSE_WANTED ]; then
    keep $run
    close=$((close + 1))
  fi
  run=$((run + 1))
done
stop_agent
sed 's/^/jvm /' /tmp/jvm >/dev/ttyS1
