# Messages and ends. Sourced by run.

say() { printf 'lab: %s\n' "$*" >&2; }

fail_usage() {
  printf 'lab: %s\nTry: run --help\n' "$*" >&2
  exit 2
}

fail_environment() {
  printf 'lab: %s\n' "$*" >&2
  exit 3
}

# Runs a command quietly; what it said comes out only when it fails.
quietly() {
  local output
  if ! output=$("$@" 2>&1); then
    printf '%s\n' "$output" | tail -n 20 >&2
    return 1
  fi
}
