# A process with 192 MiB of anonymous memory of which it uses 60 % over and over and 40 % never again, and swap that is compressed in
# memory. By turns nobody takes of it, the agent does by TMO's law, and oomd does with its senpai plugin. Both run all the time; each
# has cgroups of its own.

BYTES=201326592
COLD=40 # per cent
PASS_MS=500
SECONDS_EACH=${SECONDS_EACH:-150}
SAMPLE=10
OOMD_CGROUP=$CGROUPS/oomd

swap_on() {
  echo 512M >/sys/block/zram0/disksize && mkswap /dev/zram0 >/dev/null && swapon /dev/zram0 || fail "no zram swap"
  emit "zram algorithm=$(sed 's/.*\[\(.*\)\].*/\1/' /sys/block/zram0/comp_algorithm)"
}

# oomd comes with the C library it was built for, and that library's loader.
start_oomd() {
  local files=/opt/oomd
  mkdir "$OOMD_CGROUP"
  sh -c "echo 0 >$OOMD_CGROUP/cgroup.procs; renice -n $AGENT_NICE -p \$\$; exec $files/usr/lib64/ld-linux-x86-64.so.2 \
    --library-path $files/usr/lib/x86_64-linux-gnu $files/usr/bin/oomd --interval 1 --config $SCENARIO/oomd.json" >/tmp/oomd.out 2>&1 &
  OOMD_PID=$!
}

some_us() { sed -n 's/^some .*total=//p' "$1/memory.pressure"; }
usage() { cat "$1/memory.current"; }
cpu_usec() { field "$1/cpu.stat" usage_usec; }
is_filled() { grep -q filled /tmp/work; }
percent() { awk -v part="$1" -v whole="$2" 'BEGIN { printf "%.1f", 100 * part / whole }'; }

# one_run MODE NUMBER
one_run() {
  local mode=$1 group="$CGROUPS/lab/$1-$2" full some agent oomd second=0 pid left zram
  mkdir "$group"
  : >/tmp/work
  sh -c "echo 0 >$group/cgroup.procs && exec $JOB/bin/coldwork $BYTES $COLD $PASS_MS $SECONDS_EACH" >/tmp/work 2>/tmp/work.err &
  pid=$!
  wait_until 60 is_filled || fail "$mode run $2: the workload did not fill its memory: $(tail -n 1 /tmp/work.err)"
  full=$(usage "$group") some=$(some_us "$group") agent=$(cpu_usec "$AGENT_CGROUP") oomd=$(cpu_usec "$OOMD_CGROUP")
  while [ $second -lt $((SECONDS_EACH - SAMPLE)) ]; do
    sleep $SAMPLE
    second=$((second + SAMPLE))
    emit "sample mode=$mode run=$2 second=$second current=$(usage "$group") some_us=$(($(some_us "$group") - some))" \
      "refaults=$(field "$group/memory.stat" workingset_refault_anon)"
  done
  left=$(usage "$group") zram=$(awk '{ print $3 }' /sys/block/zram0/mm_stat)
  local told="saved_percent=$(percent $((full - left)) "$full") net_percent=$(percent $((full - left - zram)) "$full")"
  told="$told full=$full left=$left zram=$zram swap=$(cat "$group/memory.swap.current") some_us=$(($(some_us "$group") - some))"
  told="$told refaults=$(field "$group/memory.stat" workingset_refault_anon) majfaults=$(field "$group/memory.stat" pgmajfault)"
  told="$told agent_cpu_ms=$((($(cpu_usec "$AGENT_CGROUP") - agent) / 1000)) oomd_cpu_ms=$((($(cpu_usec "$OOMD_CGROUP") - oomd) / 1000))"
  wait $pid || fail "$mode run $2: $(tail -n 1 /tmp/work.err)"
  emit "$mode run=$2 $told oom_kill=$(field "$group/memory.events" oom_kill) $(tr '\n' ' ' </tmp/work)"
  wait_until 5 rmdir "$group" 2>/dev/null || fail "cgroup $group could not be removed"
}

echo never >/sys/kernel/mm/transparent_hugepage/enabled
swap_on
mkdir "$CGROUPS/lab"
echo +memory >"$CGROUPS/lab/cgroup.subtree_control"
start_agent "$SCENARIO/policy.yaml"
start_oomd
run=1
while [ $run -le "$RUNS" ]; do
  for mode in alone tmo oomd; do one_run $mode $run; done
  kill -0 "$AGENT_PID" 2>/dev/null || fail "the agent ended by itself during run $run"
  kill -0 "$OOMD_PID" 2>/dev/null || fail "oomd ended by itself during run $run: $(tail -n 1 /tmp/oomd.out)"
  run=$((run + 1))
done
kill -TERM "$OOMD_PID"
wait "$OOMD_PID"
stop_agent
