# Why a run hits its limit: the scheduler, reclaim on behalf of cgroups and what comes into the page cache, traced in each run; the
# traces of the first two runs that hit it are among the cell's results, in lines that begin with "trace RUN".

. "$JOB/selftest.sh"

TRACING=/sys/kernel/tracing
MISSES_WANTED=2

# As in selftest, and how often the limit was hit is left in a file: the cgroup is gone when the trace is looked at.
figures() {
  local key
  for key in max oom oom_kill; do printf '%s=%s ' $key "$(field "$1/memory.events" $key)"; done
  field "$1/memory.events" max >/tmp/last_max
  for key in pgscan pgsteal; do printf '%s=%s ' $key "$(field "$1/memory.stat" $key)"; done
  printf 'peak=%s' "$(cat "$1/memory.peak" 2>/dev/null || echo 0)"
}

trace_setup() {
  mount -t tracefs tracefs $TRACING 2>/dev/null || [ -e $TRACING/trace ] || fail "no tracefs"
  echo 0 >$TRACING/tracing_on
  echo 16384 >$TRACING/buffer_size_kb
  echo mono >$TRACING/trace_clock
  for event in vmscan/mm_vmscan_memcg_reclaim_begin vmscan/mm_vmscan_memcg_reclaim_end filemap/mm_filemap_add_to_page_cache; do
    echo 1 >$TRACING/events/$event/enable
  done
  echo 'prev_comm ~ "tidemark*" || next_comm ~ "tidemark*" || prev_comm == "filework" || next_comm == "filework"' \
    >$TRACING/events/sched/sched_switch/filter
  echo 1 >$TRACING/events/sched/sched_switch/enable
}

trace_setup
make_lab
start_agent "$SCENARIO/policy.yaml"
run=1
misses=0
while [ $run -le "$RUNS" ] && [ $misses -lt $MISSES_WANTED ]; do
  echo >$TRACING/trace
  echo 1 >$TRACING/tracing_on
  one_run agent $run
  echo 0 >$TRACING/tracing_on
  if [ "$(cat /tmp/last_max)" != 0 ]; then
    sed "s/^/trace $run /" $TRACING/trace >/dev/ttyS1
    misses=$((misses + 1))
  fi
  run=$((run + 1))
done
stop_agent
