# Lists every key of the kernel's files of memory and pressure and holds it against the agent's catalog: each must be in it, and
# none dated later than this kernel. What the catalog has and this kernel lacks though it is new enough is told as well; the file
# absent says which of those this kernel is not built for or has given up.

CATALOG=$SCENARIO/catalog # SCOPE FILE KEY SINCE NAME
KEYS=/tmp/keys            # SCOPE FILE KEY
# Single numbers that are settings of a kind no policy is made of.
SETTINGS="memory.oom.group memory.zswap.writeback"

# A cgroup with some history: without any a kernel may leave out what it would otherwise tell.
make_group() {
  GROUP=$CGROUPS/lab/one
  mkdir "$CGROUPS/lab"
  echo +memory >"$CGROUPS/lab/cgroup.subtree_control"
  mkdir "$GROUP"
  (echo 0 >"$GROUP/cgroup.procs" && head -c 4194304 /dev/zero >/data/file)
  sync
}

flat() { [ ! -e "$3" ] || awk -v of="$1 $2" '{ sub(/:$/, "", $1); print of, $1 }' "$3"; }

pressure() {
  cat "$3" >/dev/null 2>&1 || return 0
  awk -v of="$1 $2" '{ for (i = 2; i <= NF; i++) { split($i, part, "="); print of, $1 "." part[1] } }' "$3"
}

list_keys() {
  local file name
  for name in memory.stat memory.events memory.events.local memory.swap.events; do flat CGROUP $name "$GROUP/$name"; done
  for name in memory io cpu irq; do
    pressure CGROUP $name.pressure "$GROUP/$name.pressure"
    pressure HOST pressure/$name /proc/pressure/$name
  done
  for file in "$GROUP"/memory.*; do
    name=${file##*/}
    case " $SETTINGS " in *" $name "*) continue ;; esac
    [ -r "$file" ] && awk -v of="CGROUP $name" 'NF != 1 || $1 !~ /^([0-9]+|max)$/ { other = 1 } END { if (NR == 1 && !other) print of, "-" }' "$file" 2>/dev/null
  done
  for name in meminfo vmstat; do flat HOST $name /proc/$name; done
}

# compare RELEASE: a line for each key that is not as the catalog has it, and one with the numbers.
compare() {
  awk -v release="$1" '
    function number(version, part) { split(version, part, "[.-]"); return part[1] * 1000 + part[2] }
    FILENAME == ARGV[1] { explained[$1] = 1; next }
    FILENAME == ARGV[2] { has[$1 " " $2 " " $3] = 1; keys++; next }
    {
      key = $1 " " $2 " " $3
      known[key] = 1
      if (!(key in has)) {
        if (number($4) <= number(release)) {
          if ($5 in explained || $2 in explained) { explainable++ }
          else { absent++; print "absent signal=" $5 " since=" $4 " file=" $2 " key=" $3 }
        }
      } else if (number($4) > number(release)) {
        dated++
        print "dated signal=" $5 " since=" $4 " file=" $2 " key=" $3
      }
    }
    END {
      for (key in has) if (!(key in known)) {
        split(key, part, " ")
        unknown++
        print "unknown file=" part[2] " key=" part[3]
      }
      print "signals keys=" keys " unknown=" unknown + 0 " dated=" dated + 0 " absent=" absent + 0 " explained=" explainable + 0
    }' "$SCENARIO/absent" "$KEYS" "$CATALOG"
}

make_group
list_keys >$KEYS
[ -s $KEYS ] || fail "no keys were found"
[ -s "$CATALOG" ] || fail "the agent's catalog is empty"
compare "$(uname -r)" | while read -r line; do emit "$line"; done
