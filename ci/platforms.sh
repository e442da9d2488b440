#!/usr/bin/env bash
# ci/platforms.sh deps                    installs what the rest needs (Debian 12, root)
# ci/platforms.sh check                   type-checks the libraries for each target,
#                                         and stayput-sys' tests and examples
# ci/platforms.sh aarch64 [TEST ARGS]     runs stayput-sys' tests under qemu-user
# ci/platforms.sh all
#
# Standard libraries for other targets are built from Debian's sources with
# Debian's compiler, in subshells: elsewhere rustup's stays first on PATH.
# TARGETS="a b" narrows `check`.
set -euo pipefail
cd "$(dirname "$0")/.."
. ci/debian-rust.sh
export CARGO_TARGET_DIR=target/platforms CARGO_PROFILE_DEV_DEBUG=line-tables-only

targets=(
  x86_64-unknown-linux-musl aarch64-unknown-linux-musl i686-unknown-linux-gnu
  aarch64-linux-android x86_64-unknown-illumos
  x86_64-apple-darwin aarch64-apple-darwin
  x86_64-unknown-freebsd x86_64-unknown-openbsd x86_64-unknown-netbsd
  x86_64-pc-windows-msvc x86_64-pc-windows-gnu
  wasm32-unknown-unknown
)

deps() {
  ci/install.sh "${debian_rust_packages[@]}" \
    gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
}

check() (
  debian_rust
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

# The library's tests look into /proc: they are for Linux (ci/linux-targets.sh).
check_for() { # check_for CARGO-OPTIONS...
  local std=-Zbuild-std=std,panic_unwind,panic_abort,test
  cargo check --quiet --package stayput-sys --all-features --all-targets $std "$@" &&
    cargo check --quiet --package stayput --package stayput-doctor --all-features $std "$@"
}

aarch64() (
  debian_rust
  export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
  export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER='qemu-aarch64 -L /usr/aarch64-linux-gnu'
  cargo test --package stayput-sys -Zbuild-std=std,panic_unwind,test \
    --target aarch64-unknown-linux-gnu "$@"
)

command=${1:-}
case $command in
  deps | check | aarch64) shift && "$command" "$@" ;;
  all) deps && check && aarch64 && ci/windows.sh deps && ci/windows.sh run ;;
  *) sed -n '2,${/^#/!q; s/^# \{0,1\}//p}' "$0" >&2; exit 2 ;;
esac
