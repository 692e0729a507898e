# Plays each scenario of this folder RUNS times, one after the other, nothing else running.

LAB_ROOT=$CGROUPS/lab
FILES=/data

# As swap: pages compressed in memory, as much as the scenario's host has.
swap_on() {
  [ "$1" = 0 ] && return
  echo "$1" >/sys/block/zram0/disksize && mkswap /dev/zram0 >/dev/null && swapon /dev/zram0 || fail "no zram swap"
}

swap_off() {
  [ "$1" = 0 ] && return
  swapoff /dev/zram0 && echo 1 >/sys/block/zram0/reset || fail "zram swap could not be taken away"
}

# Whatever a run leaves in memory is none of the next one's business.
one_run() {
  local name=$1 run=$2 plan=$SCENARIO/$1.plan swap status=0
  swap=$(field "$plan" swap)
  swap_on "$swap"
  mkdir "$LAB_ROOT"
  "$JOB/bin/play" "$plan" "$LAB_ROOT" $FILES >/tmp/played 2>/tmp/played.err || status=$?
  sed "s/^\([a-z]*\) /\1 scenario=$name run=$run /" /tmp/played >/dev/ttyS1
  [ "$status" = 0 ] || fail "$name: $(tail -n 1 /tmp/played.err)"
  rmdir "$LAB_ROOT"
  swap_off "$swap"
  sync
  echo 3 >/proc/sys/vm/drop_caches
}

# Anonymous memory is counted in small pages, by the model too.
echo never >/sys/kernel/mm/transparent_hugepage/enabled
emit "disk read_ahead_kb=$(cat /sys/block/vda/queue/read_ahead_kb)"
run=1
while [ $run -le "$RUNS" ]; do
  for plan in "$SCENARIO"/*.plan; do
    name=${plan##*/}
    one_run "${name%.plan}" $run
  done
  run=$((run + 1))
done
