#!/usr/bin/env bash
# ci/asan.sh   the library's tests under AddressSanitizer
#
# rustup's toolchain ships the runtime; Debian's doesn't. stayput-sys asks the
# kernel itself for locks, since the sanitizer's own mlock does nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

target=x86_64-unknown-linux-gnu
runtime=$(rustc --print target-libdir --target $target)/librustc-stable_rt.asan.a
if [ ! -e "$runtime" ]; then
  echo "$(rustc -V) has no AddressSanitizer runtime ($runtime): put rustup's toolchain first on PATH" >&2
  exit 1
fi

export RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=address ${RUSTFLAGS:-}"
# Tests that fault on purpose look for the signal, which the sanitizer would take.
export ASAN_OPTIONS=handle_segv=0:handle_sigbus=0:${ASAN_OPTIONS:-}
# It takes every mapping that a process may have, and the sanitizer needs some.
skipped=too_many_mappings_are_named
echo "SKIPPED $skipped: the sanitizer can't live without mappings"

packages=(--package stayput-sys --package stayput --target $target --target-dir target/asan)
cargo build "${packages[@]}" --examples
cargo test "${packages[@]}" --no-fail-fast --lib --tests -- --skip $skipped
