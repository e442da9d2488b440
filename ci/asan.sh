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
# A sanitized process is unlike any other: tests about whole processes can't hold.
skipped=(
  too_many_mappings_are_named           # the sanitizer can't live without mappings
  without_mappings_no_unlocked_memory_is_handed_out
  mappings_run_out_after_start
  a_waiting_thread_is_found_on_its_stack # stacks are elsewhere
  duende_mlock                          # locks 20 TiB of the sanitizer's own
  no_copy_stays_outside                 # reads all memory, and the sanitizer's has no end
  standard_input_is_read_without_a_buffer
  litter_is_found_unless_wiped          # the sanitizer keeps locals elsewhere
  an_exit_in_another_thread             # what lives when a process exits is called a leak
  the_end_of_input_is_an_error_and_an_empty_line_is_none
  pages_that_the_system_does_not_take_back_stay_locked # what is refused the sanitizer calls itself
  what_a_drop_could_not_undo_is_counted
  programs_are_refused_with_the_reason  # programs of its own, which nobody runs
)
for name in "${skipped[@]}" "--test process"; do
  echo "SKIPPED $name under the sanitizer"
done
# All integration tests of the library but `process`: mlockall and its limits.
tests=()
for test in crates/stayput/tests/*.rs crates/stayput/tests/*/main.rs; do
  name=$(basename "${test%.rs}")
  [ "$name" = main ] && name=$(basename "$(dirname "$test")")
  case $name in process*) ;; *) tests+=(--test "$name") ;; esac
done

common=(--target $target --target-dir target/asan)
skips=(); for name in "${skipped[@]}"; do skips+=(--skip "$name"); done
cargo build --package stayput-sys --package stayput "${common[@]}" --examples
cargo test --package stayput-sys "${common[@]}" --no-fail-fast --lib --tests
cargo test --package stayput "${common[@]}" --no-fail-fast --lib "${tests[@]}" -- "${skips[@]}"
