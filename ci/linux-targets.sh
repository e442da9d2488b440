#!/usr/bin/env bash
# ci/linux-targets.sh deps               installs what the rest needs (Debian 12, root)
# ci/linux-targets.sh run [TARGET...]    runs stayput-sys' and the library's tests:
#     i686      32 bits, on this machine
#     musl      x86_64, statically linked, on this machine
#     aarch64   under qemu-user, with pages of 4 KiB
#     pages     on this machine, with 16 and 64 KiB in the page size's place
#
# Standard libraries are built from Debian's sources with Debian's compiler; `pages`
# uses the ordinary one. What can't hold on a target is skipped by name: by the tests,
# which look (`SKIPPED` below), or here.
set -euo pipefail
cd "$(dirname "$0")/.."
. ci/debian-rust.sh

build=$PWD/target/platforms
export CARGO_TARGET_DIR=$build CARGO_PROFILE_DEV_DEBUG=0
skips=()

deps() {
  # gcc-multilib would do for i686 too, but conflicts with the compilers for others.
  ci/install.sh "${debian_rust_packages[@]}" \
    libc6-dev-i386 lib32gcc-12-dev musl-tools libunwind-22-dev \
    gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
}

run() {
  [ $# -gt 0 ] || set -- i686 musl aarch64 pages
  local failed=() target start
  for target in "$@"; do
    start=$SECONDS
    "on_$target" || failed+=("$target")
    echo "$target: $((SECONDS - start)) s"
  done
  [ ${#failed[@]} -eq 0 ] || { echo "failed on: ${failed[*]}" >&2; return 1; }
}

on_i686() (
  debian_rust
  tests i686-unknown-linux-gnu --package stayput-sys
  # The test itself reads smaps where mappings have run out: a 32-bit heap has none left.
  local name=refused::too_many_mappings_are_named
  echo "SKIPPED $name: no room left to read smaps"
  skips=("--skip=$name")
  tests i686-unknown-linux-gnu --package stayput --all-features --lib --tests
)

on_musl() (
  debian_rust
  export CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER=musl-gcc
  export RUSTDOCFLAGS="-Clink-self-contained=no -Crelocation-model=static -Lnative=$build/musl"
  export CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_RUSTFLAGS=$RUSTDOCFLAGS
  unwinder
  tests x86_64-unknown-linux-musl --package stayput-sys
  local heaps=(
    charges::at_the_limit_later_growth_fails_and_is_foreseen
    charges::secret_memory_is_charged_once_and_stays_locked
    charges::what_is_never_locked_is_not_charged
    locking::a_region_lock_leaves_a_locked_process_locked
    locking::reports_tell_what_statuses_cannot
    plan::plan_and_kernel_agree
    refusals::the_soft_limit_is_raised_if_that_helps
  )
  printf "SKIPPED %s: musl's heap can't be reserved\n" "${heaps[@]}"
  local mappings=(
    mappings_run_out_after_start
    refused::too_many_mappings_are_named
    without_mappings_no_unlocked_memory_is_handed_out
  )
  printf "SKIPPED %s: musl's heap asks for mappings of its own\n" "${mappings[@]}"
  skips=("${heaps[@]/#/--skip=}" "${mappings[@]/#/--skip=}")
  tests x86_64-unknown-linux-musl --package stayput --all-features --lib --tests
)

# std asks for a static libunwind: LLVM's, with what that asks of glibc.
unwinder() {
  mkdir -p "$build/musl"
  musl-gcc -O2 -Wall -Wextra -Werror -c -o "$build/musl/fprintf_chk.o" ci/fprintf_chk.c
  rm -f "$build/musl/libfprintf_chk.a"
  ar rcs "$build/musl/libfprintf_chk.a" "$build/musl/fprintf_chk.o"
  echo 'INPUT(/usr/lib/llvm-22/lib/libunwind.a -lfprintf_chk)' >"$build/musl/libunwind.a"
}

on_aarch64() (
  debian_rust
  export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
  export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER='qemu-aarch64 -L /usr/aarch64-linux-gnu'
  tests aarch64-unknown-linux-gnu --package stayput-sys
  local name=a_waiting_thread_is_found_on_its_stack
  echo "SKIPPED $name: does not end under qemu-user, where /proc shows the emulator's stacks"
  skips=("--skip=$name")
  # The others look for advice, which the emulator drops, and for filters.
  tests aarch64-unknown-linux-gnu --package stayput --lib --test pool_model --test pool_threads
)

# What compares with what the kernel does on its own pages, for limits and for mappings
# of others, can't hold on larger ones.
on_pages() (
  export RUSTFLAGS="--cfg stayput_page_size ${RUSTFLAGS:-}" CARGO_TARGET_DIR=$PWD/target/pages
  local size failed=0
  local kernels=(
    # The kernel rounds limits and sizes to its own pages.
    plan::plan_and_kernel_agree
    locking::present_and_future_memory_is_locked_and_unlocked
    a_control_group_without_room_refuses_before_the_kernel_kills
    an_idle_guarded_secret_stays_in_memory
    # Limits of so many bytes, which are fewer pages then.
    remedies_speak_the_language_of_the_environment
    the_soft_limit_stays_where_raising_does_not_help
    at_the_limit_no_unlocked_memory_is_handed_out
    what_prefer_hands_out_unlocked_is_reported
    locked_page_allocator::the_posix_name
    # Buffers of the heap, which begins at any page of the kernel's.
    the_safe_guard_derefs_and_shows_nothing
    errors_show_no_addresses
  )
  for size in 16384 65536; do
    export STAYPUT_PAGE_SIZE=$size
    echo "pages of $size bytes"
    printf "SKIPPED %s: the kernel's own pages are smaller\n" "${kernels[@]}"
    report cargo test --package stayput-sys --no-fail-fast --lib --tests -- --show-output || failed=1
    report cargo test --package stayput --no-fail-fast --lib --tests -- \
      --show-output "${kernels[@]/#/--skip=}" || failed=1
  done
  return $failed
)

tests() { # tests TARGET CARGO-OPTION...   in a subshell with Debian's compiler
  local target=$1
  shift
  echo "$target: $*"
  report cargo test --target "$target" "$@" --no-fail-fast \
    -Zbuild-std=std,panic_unwind,test -- --show-output "${skips[@]}"
}

# Runs cargo and prints failures, skipped tests, and how many ran.
report() {
  local log status=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 || status=$?
  if [ $status -ne 0 ]; then
    cat "$log"
  fi
  # A test skips in its own process and in the harness: named once here.
  grep -E '^SKIPPED' "$log" | sort -u || true
  awk '/^test result:/ { files++; passed += $4; failed += $6 }
    END { printf "%d test binaries: %d tests passed, %d failed\n", files, passed, failed }' "$log"
  rm "$log"
  return $status
}

case ${1:-} in
  deps | run) "$@" ;;
  *) sed -n '2,${/^#/!q; s/^# \{0,1\}//p}' "$0" >&2; exit 2 ;;
esac
