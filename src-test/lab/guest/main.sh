# Runs on the root disk as process 1: sets the machine up as a cgroup v2 host, runs the scenario, powers off.
/bin/busybox --install -s /bin
export PATH=/bin HOME=/root JAVA_HOME=/opt/jdk JOB=/job SCENARIO=/job/scenario
. /job/settings
. /job/lib.sh

mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run
mount -t cgroup2 cgroup2 "$CGROUPS"
echo +memory >"$CGROUPS/cgroup.subtree_control"
ip link set lo up
sync

emit begin
emit "host release=$(uname -r) mglru=$(cat /sys/kernel/mm/lru_gen/enabled 2>/dev/null || echo none)"
if set_mglru "$MGLRU"; then
  (. "$SCENARIO/guest.sh") </dev/null
  status=$?
  [ "$status" = 0 ] && emit "end ok" || emit "end $(cat /tmp/failure 2>/dev/null || echo "guest.sh ended with status $status")"
else
  emit "end this kernel has no MGLRU to turn $MGLRU"
fi
poweroff -f
