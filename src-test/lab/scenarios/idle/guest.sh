# 200 cgroups with a little page cache each; first the agent watches them, then oomd with its senpai plugin, then the agent with a
# policy that matches none. Neither has anything to reclaim: the figures are what watching costs.

GROUPS=200
WARM_UP=30 # seconds
WINDOW=60

make_groups() {
  local number=1 group
  mkdir "$CGROUPS/lab" /data/idle
  echo +memory >"$CGROUPS/lab/cgroup.subtree_control"
  while [ $number -le $GROUPS ]; do
    group=$CGROUPS/lab/idle-$number
    mkdir "$group"
    echo 4M >"$group/memory.max"
    # The subshell joins the cgroup, so the file's pages are charged there and stay after it is gone.
    (echo 0 >"$group/cgroup.procs" && head -c 262144 /dev/zero >"/data/idle/$number")
    number=$((number + 1))
  done
  sync
}

# measure KIND PID CGROUP: what the process uses over the window, after it has warmed up.
measure() {
  sleep $WARM_UP
  local cpu began
  cpu=$(field "$3/cpu.stat" usage_usec)
  began=$(now_ms)
  sleep $WINDOW
  kill -0 "$2" 2>/dev/null || { emit "$1 died=1"; return 1; }
  emit "$1 rss_kib=$(field "/proc/$2/status" VmRSS:) anon_kib=$(field "/proc/$2/status" RssAnon:)" \
    "threads=$(field "/proc/$2/status" Threads:)" \
    "cpu_percent=$(awk -v cpu=$(($(field "$3/cpu.stat" usage_usec) - cpu)) -v ms=$(($(now_ms) - began)) 'BEGIN { printf "%.2f", cpu / ms / 10 }')"
}

measure_agent() {
  start_agent "$SCENARIO/$2"
  measure "$1" "$AGENT_PID" "$AGENT_CGROUP" || fail "the agent ended by itself"
  stop_agent
}

# oomd comes with the C library it was built for, and that library's loader.
measure_oomd() {
  local files=/opt/oomd pid group=$CGROUPS/oomd
  mkdir "$group"
  sh -c "echo 0 >$group/cgroup.procs; exec $files/usr/lib64/ld-linux-x86-64.so.2 --library-path $files/usr/lib/x86_64-linux-gnu \
    $files/usr/bin/oomd --interval 1 --config $SCENARIO/oomd.json" >/tmp/oomd.out 2>&1 &
  pid=$!
  if ! measure oomd $pid "$group"; then emit_log oomd /tmp/oomd.out; fi
  kill -TERM $pid 2>/dev/null
  wait $pid
}

make_groups
measure_agent agent policy.yaml
measure_oomd
measure_agent none policy-none.yaml
