#!/usr/bin/env bash
# ci/platforms.sh deps     installs what the rest needs (Debian 12, root)
# ci/platforms.sh check    type-checks the libraries for each target, and stayput-sys' tests
#                          and examples
# ci/platforms.sh all      the tests on x86_64 glibc, i686, musl, aarch64, with larger pages and
#                          on Windows; the rest type-checked; constants against headers
#
# Standard libraries for other targets are built from Debian's sources with
# Debian's compiler, in subshells: elsewhere rustup's stays first on PATH.
# TARGETS="a b" narrows `check`.
set -euo pipefail
cd "$(dirname "$0")/.."
. ci/debian-rust.sh

targets=(
  x86_64-unknown-linux-musl aarch64-unknown-linux-musl i686-unknown-linux-gnu
  aarch64-linux-android x86_64-unknown-illumos
  x86_64-apple-darwin aarch64-apple-darwin
  x86_64-unknown-freebsd x86_64-unknown-openbsd x86_64-unknown-netbsd
  x86_64-pc-windows-msvc x86_64-pc-windows-gnu
  wasm32-unknown-unknown
)

deps() {
  ci/install.sh "${debian_rust_packages[@]}"
}

check() (
  debian_rust
  export CARGO_TARGET_DIR=target/platforms
  # Where wasm gets random numbers is the final program's choice (`sealed` needs them).
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS='--cfg getrandom_backend="custom"'
  [ -z "${TARGETS:-}" ] || read -ra targets <<<"$TARGETS"
  # All at once keeps every core busy; one by one then tells which failed, and why.
  check_for "${targets[@]/#/--target=}" --keep-going 2>/dev/null ||
    echo "some target fails: looking for it"
  failed=()
  for target in "${targets[@]}"; do
    verdict=ok
    check_for --target="$target" || { verdict=FAILED; failed+=("$target"); }
    printf '%-28s %s\n' "$target" $verdict
  done
  [ ${#failed[@]} -eq 0 ] || { echo "does not type-check for: ${failed[*]}" >&2; exit 1; }
)

# The library's tests look into /proc: they are for Linux (ci/linux-targets.sh). What C needs of
# a system, wasm32 has not.
check_for() { # check_for CARGO-OPTIONS...
  local std=-Zbuild-std=std,panic_unwind,panic_abort,test option with_c=()
  for option in "$@"; do
    [[ $option == *wasm32* ]] || with_c+=("$option")
  done
  cargo check --quiet --package stayput-sys --all-features --all-targets $std "$@" &&
    cargo check --quiet --package stayput --package stayput-doctor --all-features $std "$@" ||
    return 1
  [[ ${with_c[*]} != *--target* ]] || cargo check --quiet --package stayput-capi $std "${with_c[@]}"
}

all() {
  deps
  ci/linux-targets.sh deps
  ci/windows.sh deps
  cargo test --workspace
  ci/linux-targets.sh run
  ci/windows.sh run
  check
  ci/constants.sh
}

command=${1:-}
case $command in
  deps | check | all) "$command" ;;
  *) sed -n '2,${/^#/!q; s/^# \{0,1\}//p}' "$0" >&2; exit 2 ;;
esac
