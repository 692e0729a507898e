# One cell of the table: a scenario on a kernel with MGLRU on or off, in one boot. Sourced by run.

# A scenario's folder holds guest.sh, table (columns and verdict), scenario.conf and whatever guest.sh wants.
# scenario.conf is sourced: MGLRU_SETTINGS (off on, or default: as the kernel comes), scenario_timeout which prints the
# seconds that $RUNS runs may take, and, where files have to be made for it on this machine, scenario_prepare COPY which makes them
# in the copy of the folder that goes into the guest. scenario_report OUT, where there is one, is called at the end and says more
# than a table can; what it ends with becomes the exit status.

BOOT_SECONDS=120
BOOT_TRIES=3

# scenario_mglru FOLDER WANTED: the settings to run with; WANTED narrows them where the scenario has it.
scenario_mglru() {
  local MGLRU_SETTINGS
  . "$1/scenario.conf"
  if [[ " $MGLRU_SETTINGS " == *" $2 "* ]]; then printf '%s' "$2"; else printf '%s' "$MGLRU_SETTINGS"; fi
}

scenario_seconds() {
  local MGLRU_SETTINGS
  . "$1/scenario.conf"
  scenario_timeout
}

# In a subshell: nothing that one scenario defines is there for the next.
prepare_scenario() (
  . "$1/scenario.conf"
  if declare -F scenario_prepare >/dev/null; then scenario_prepare "$2"; fi
)

report_scenario() (
  . "$1/scenario.conf"
  if declare -F scenario_report >/dev/null; then scenario_report "$2"; fi
)

run_cell() {
  local folder=$1 kernel=$2 mglru=$3 name
  name=$(basename "$folder")
  local cell=$OUT/cells/$name-$kernel-mglru-$mglru version outcome
  version=$(cat "$CACHE/kernels/$kernel/version")
  say "$name on $kernel ($version), MGLRU $mglru"
  mkdir -p "$cell"
  build_job "$folder" "$mglru" "$cell/job.tar"
  boot_to_scenario "$kernel" "$cell" "$(scenario_seconds "$folder")"
  rm -f "$cell/job.tar"
  outcome=$(outcome_of "$cell")
  printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$folder" "$kernel" "$version" "$mglru" "$outcome" "$cell" >>"$OUT/cells.tsv"
  [[ $outcome == ok ]] || say "cell ended: $outcome; end of its console: $cell/console.tail"
}

# Emulation lets a kernel crash now and then while it patches its own code at boot. A boot that never came to the scenario says
# nothing about the agent: it is repeated, its console kept.
boot_to_scenario() {
  local cell=$2 try
  for ((try = 1; try <= BOOT_TRIES; try++)); do
    boot "$@"
    if grep -q '^begin' "$cell/results"; then return; fi
    say "boot $try of $BOOT_TRIES did not come up: $(outcome_of "$cell")"
    cp "$cell/console" "$cell/console.boot-$try"
  done
}

# The job: a tar file the guest reads straight off its second disk.
build_job() {
  local folder=$1 mglru=$2 target=$3 tree
  tree=$(mktemp -d "$WORK/job.XXXXXX")
  cp -r "$folder" "$tree/scenario"
  prepare_scenario "$folder" "$tree/scenario" || fail_environment "could not prepare $folder"
  cp -r "$AGENT" "$tree/tidemark"
  cp -r "$CACHE/bin" "$tree/bin"
  cp "$LAB"/guest/*.sh "$tree/"
  printf '%s\n' "RUNS=$RUNS" "MGLRU=$mglru" "${SETTINGS[@]}" >"$tree/settings"
  tar -cf "$target" -C "$tree" .
  rm -rf "$tree"
}

# boot SERIES CELL SECONDS: the console goes to CELL/console, what the guest reports to CELL/results.
# cx16=off: with it on, one boot in three of 6.12 crashes in kmem_cache_alloc under emulation.
# The root disk is written to a throw-away overlay; cache=unsafe keeps this machine's own disk out of the figures.
boot() {
  local kernel=$CACHE/kernels/$1 cell=$2 seconds=$3
  : >"$cell/results"
  timeout --kill-after=5 "$seconds" setsid --wait "$LAB/lib/before-others" qemu-system-x86_64 \
    -M q35 -accel tcg,thread=multi -cpu max,la57=off,cx16=off -m 1536 -smp "$CPUS" \
    -nographic -nodefaults -no-reboot -serial "file:$cell/console" -serial "file:$cell/results" \
    -kernel "$kernel/vmlinuz" -initrd "$kernel/initramfs" \
    -append "console=ttyS0 quiet psi=1 panic=-1" \
    -object iothread,id=disks \
    -drive "file=$CACHE/root.img,format=raw,if=none,id=root,snapshot=on,cache=unsafe" \
    -device virtio-blk-pci,drive=root,iothread=disks \
    -drive "file=$cell/job.tar,format=raw,if=none,id=job,readonly=on" \
    -device virtio-blk-pci,drive=job,iothread=disks >"$cell/qemu" 2>&1 9>&- &
  GUEST=$!
  stop_unless_begun "$cell"
  wait "$GUEST" || true # an end by timeout is seen from what the guest left
  GUEST=
  sed -i 's/\r$//' "$cell/results" # the serial driver ends lines with CR LF
  tail -n 60 "$cell/console" >"$cell/console.tail" 2>/dev/null || true
}

# A kernel takes 3 to 10 s to get to the scenario; one that hangs before is not given the scenario's whole time.
stop_unless_begun() {
  local second
  for ((second = 0; second < BOOT_SECONDS; second++)); do
    if grep -q '^begin' "$1/results" || ! kill -0 "$GUEST" 2>/dev/null; then return; fi
    sleep 1
  done
  stop_guest
}

# For the end of run, however it comes: Ctrl-C does not reach the guest, which has a session of its own.
stop_guest() { [[ -z ${GUEST:-} ]] || kill "$GUEST" 2>/dev/null || true; }

# ok, or in a few words what went wrong.
outcome_of() {
  local cell=$1 end
  end=$(grep '^end ' "$cell/results" | tail -n 1)
  if [[ $end == "end ok" ]]; then
    printf 'ok'
  elif [[ -n $end ]]; then
    printf '%s' "${end#end }"
  elif grep -qa 'Kernel panic' "$cell/console"; then
    printf 'kernel panic'
  elif [[ -s $cell/qemu ]]; then
    printf 'qemu: %s' "$(tail -n 1 "$cell/qemu" | tr '\t' ' ')"
  elif grep -q '^begin' "$cell/results"; then
    printf 'hung: no end within its time'
  else
    printf 'did not boot'
  fi
}
