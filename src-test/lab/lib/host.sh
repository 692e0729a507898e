# What the lab needs of the machine it runs on. Sourced by run.

# command:package, the package that brings the command on Debian and its kin
NEEDED_COMMANDS=(
  qemu-system-x86_64:qemu-system-x86
  busybox:busybox-static
  mkfs.ext4:e2fsprogs
  gcc:gcc
  cpio:cpio
  xz:xz-utils
  apt-get:apt
  dpkg:dpkg
  tar:tar
  sha256sum:coreutils
  flock:util-linux
  setsid:util-linux
)

prepare_host() {
  [[ $(uname -m) == x86_64 ]] || fail_environment "the lab boots x86-64 kernels with programs of this machine, which is $(uname -m)"
  PATH=$PATH:/usr/sbin:/sbin # where a user's shell on Debian does not look for mkfs.ext4
  local missing
  missing=$(missing_packages)
  [[ -z $missing ]] || install_packages $missing
  find_jdk
  mkdir -p "$CACHE"
}

missing_packages() {
  local pair
  for pair in "${NEEDED_COMMANDS[@]}"; do
    command -v "${pair%%:*}" >/dev/null || printf '%s ' "${pair##*:}"
  done
  # Programs for the guest are linked statically; busybox must be too, there is no C library in the initramfs.
  printf 'int main(void){return 0;}' | gcc -static -x c -o /dev/null - 2>/dev/null || printf 'gcc libc6-dev '
  if command -v busybox >/dev/null && ! is_static "$(command -v busybox)"; then printf 'busybox-static '; fi
}

is_static() { ! ldd "$1" 2>/dev/null | grep -q '=>'; }

install_packages() {
  local packages="$*"
  command -v apt-get >/dev/null || fail_environment "this machine has no apt-get; the lab needs Debian or a kin of it. Missing: $packages"
  [[ $(id -u) == 0 ]] || fail_environment "missing packages; as root run: apt-get install --no-install-recommends $packages"
  say "installing $packages"
  quietly apt-get update || say "apt-get update failed; trying with the package lists that are there"
  DEBIAN_FRONTEND=noninteractive quietly apt-get install -y --no-install-recommends $packages ||
    fail_environment "could not install: $packages"
  hash -r
}

# Sets JDK to a JDK 25: JAVA_HOME when it is one, else the first found where Linux distributions put them.
find_jdk() {
  local candidate
  for candidate in "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/java/* "$HOME"/.sdkman/candidates/java/*; do
    if is_jdk_25 "$candidate"; then
      JDK=$candidate
      return
    fi
  done
  fail_environment "no JDK 25 found; install one (under /usr/lib/jvm it is found by itself) or set JAVA_HOME to it"
}

is_jdk_25() {
  [[ -x $1/bin/jlink ]] && grep -q '^JAVA_VERSION="25' "$1/release" 2>/dev/null
}

# One run at a time: they would fight over the cache, and two guests over the processor. WORK is for files nobody needs afterwards.
lock_cache() {
  exec 9>"$CACHE/lock"
  if ! flock -n 9; then
    say "another lab run is using $CACHE; waiting for its end"
    flock 9
  fi
  rm -rf "$CACHE/work"
  WORK=$CACHE/work
  mkdir "$WORK"
}

require_agent() {
  [[ -x $AGENT/bin/tidemark ]] ||
    fail_environment "no packaged agent at $AGENT/bin/tidemark; build it first (mvn package), or name one with --agent DIR"
}
