# Files of Debian packages, without installing them: a package list of the lab's own (so that other suites than the
# machine's can be used), from the mirror and with the key the machine itself uses. Sourced by run.

# The kernels come from the cloud-amd64 flavour of these suites; trixie also has oomd.
DEBIAN_SUITES=(bookworm bookworm-backports trixie trixie-backports)
LISTS_MAX_AGE_MINUTES=1440

debian_apt() {
  local tool=$1
  shift
  "$tool" -o Dir::Etc::SourceList="$CACHE/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State::Lists="$CACHE/apt/lists" -o Dir::State::status="$CACHE/apt/status" \
    -o Dir::Cache="$CACHE/apt/cache" -o APT::Sandbox::User=root -o APT::Architecture=amd64 "$@"
}

# The mirror of Debian's main archive that this machine's own sources name. A machine that never ran apt-get update does not
# know yet which of its sources that is.
debian_mirror() {
  local mirror
  mirror=$(known_debian_mirror)
  if [[ -z $mirror && $(id -u) == 0 ]]; then
    quietly apt-get update || true
    mirror=$(known_debian_mirror)
  fi
  printf '%s' "$mirror"
}

known_debian_mirror() {
  apt-get indextargets --format '$(REPO_URI) $(COMPONENT) $(ORIGIN) $(LABEL)' 'Created-By: Packages' 2>/dev/null |
    awk '$2 == "main" && $3 == "Debian" && $4 == "Debian" && !found++ { print $1 }'
}

prepare_debian() {
  mkdir -p "$CACHE"/apt/{lists/partial,cache/archives/partial}
  touch "$CACHE/apt/status"
  if [[ -n $(find "$CACHE/apt/updated" -mmin -"$LISTS_MAX_AGE_MINUTES" 2>/dev/null) ]]; then return; fi
  local mirror keyring suite
  mirror=$(debian_mirror)
  [[ -n $mirror ]] || fail_environment "apt's sources on this machine name no Debian archive (component main); add one to /etc/apt/sources.list and run apt-get update"
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  [[ -f $keyring ]] || fail_environment "no $keyring to check packages with; install debian-archive-keyring"
  for suite in "${DEBIAN_SUITES[@]}"; do
    printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$mirror" "$suite"
  done >"$CACHE/apt/sources.list"
  say "reading package lists of ${DEBIAN_SUITES[*]}"
  if quietly debian_apt apt-get update; then
    touch "$CACHE/apt/updated"
  elif [[ -f $CACHE/apt/updated ]]; then
    say "no connection to $mirror; going on with the package lists of $(date -r "$CACHE/apt/updated" +%F)"
  else
    fail_environment "could not read the package lists of ${DEBIAN_SUITES[*]} from $mirror"
  fi
}

# debian_unpack FOLDER PACKAGE=VERSION...: downloads and unpacks into FOLDER.
debian_unpack() {
  local folder=$1 downloads
  shift
  downloads=$(mktemp -d "$WORK/download.XXXXXX")
  (cd "$downloads" && quietly debian_apt apt-get download "$@") || fail_environment "could not download $*"
  local package
  for package in "$downloads"/*.deb; do dpkg -x "$package" "$folder"; done
  rm -rf "$downloads"
}

# The newest image package of a kernel series such as 6.12, as PACKAGE=VERSION. Not by the metapackage alone: a backports suite moves
# its metapackage on to the next series while the packages of the last one stay for some time.
kernel_package() {
  kernel_images | awk -v series="$1." 'index($2, series) == 1 { print $2, $1 "=" $2 }' | sort -V | awk '{ last = $2 } END { print last }'
}

# All image packages of the cloud flavour and their versions.
kernel_images() {
  local names
  names=$(debian_apt apt-cache pkgnames linux-image- | grep -E '^linux-image-[0-9][^ ]*-cloud-amd64$') || true
  debian_apt apt-cache madison $names | awk -F' *[|] *' '{ sub(/^ +/, "", $1); print $1, $2 }'
}

kernel_series() { kernel_images | awk '{ split($2, part, "."); print part[1] "." part[2] }' | sort -uV | tr '\n' ' '; }

# kernel_packages PACKAGE=VERSION: that and those with the same version it depends on, directly or through others. Older kernels are in
# one package, newer ones are split.
kernel_packages() {
  local version=${1#*=} wanted=${1%%=*} seen=" " package
  while [[ -n $wanted ]]; do
    package=${wanted%% *}
    wanted=${wanted#"$package"}
    wanted=${wanted# }
    if [[ $seen == *" $package "* ]]; then continue; fi
    seen+="$package "
    printf '%s=%s\n' "$package" "$version"
    wanted+=" $(debian_apt apt-cache show "$package=$version" | kernel_dependencies "$version")"
    wanted=${wanted# }
    wanted=${wanted% }
  done
}

kernel_dependencies() {
  sed -n 's/^Depends: //p' | tr ',' '\n' |
    awk -v exact="(= $1)" 'index($0, exact) && $1 ~ /^linux-(image|binary|modules)-/ { printf "%s ", $1 }'
}

# fetch_kernel SERIES: leaves $CACHE/kernels/SERIES/{version,vmlinuz,modules/...}
fetch_kernel() {
  local series=$1 folder=$CACHE/kernels/$1 package version
  package=$(kernel_package "$series")
  version=${package#*=}
  if [[ -z $package ]]; then
    [[ -f $folder/version ]] || fail_environment "Debian's archive has no cloud kernel $series any more; it has $(kernel_series)(name one of them instead)"
    say "Debian's archive has no kernel $series any more; using the cached $(cat "$folder/version")"
    return
  fi
  if [[ -f $folder/version && $(cat "$folder/version") == "$version" ]]; then return; fi
  say "fetching kernel $version"
  rm -rf "$folder"
  mkdir -p "$folder/unpacked"
  debian_unpack "$folder/unpacked" $(kernel_packages "$package")
  cp "$(find "$folder/unpacked" -name 'vmlinuz*' -type f | head -n 1)" "$folder/vmlinuz"
  mv "$(find "$folder/unpacked" -path '*/modules/*' -maxdepth 5 -name kernel -type d | head -n 1)" "$folder/modules"
  rm -rf "$folder/unpacked"
  printf '%s\n' "$version" >"$folder/version"
}

# fetch_oomd: leaves oomd and the C library it was built for in $CACHE/oomd, to be run with that library's own loader.
fetch_oomd() {
  local folder=$CACHE/oomd version
  version=$(debian_apt apt-cache madison oomd | awk -F' *[|] *' '/trixie/ && !found++ { print $2 }')
  [[ -n $version ]] || fail_environment "no package oomd in trixie"
  [[ -f $folder/version && $(cat "$folder/version") == "$version" ]] && return
  say "fetching oomd $version"
  rm -rf "$folder"
  mkdir -p "$folder/files"
  debian_unpack "$folder/files" "oomd=$version" libc6/trixie libgcc-s1/trixie libjsoncpp26/trixie libstdc++6/trixie libsystemd0/trixie libcap2/trixie
  printf '%s\n' "$version" >"$folder/version"
}
