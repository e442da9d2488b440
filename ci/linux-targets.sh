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
# which look, or by ci/skips.
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
  local failed=() target start status
  for target in "$@"; do
    start=$SECONDS
    # Behind `||` a failure inside would not end it.
    set +e
    (set -e; "on_$target")
    status=$?
    set -e
    [ $status -eq 0 ] || failed+=("$target")
    echo "$target: $((SECONDS - start)) s"
  done
  [ ${#failed[@]} -eq 0 ] || { echo "failed on: ${failed[*]}" >&2; return 1; }
}

on_i686() (
  debian_rust
  tests i686-unknown-linux-gnu --package stayput-sys
  leave_out i686
  tests i686-unknown-linux-gnu --package stayput --all-features --lib --tests
)

on_musl() (
  debian_rust
  export CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER=musl-gcc
  export RUSTDOCFLAGS="-Clink-self-contained=no -Crelocation-model=static -Lnative=$build/musl"
  export CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_RUSTFLAGS=$RUSTDOCFLAGS
  unwinder
  tests x86_64-unknown-linux-musl --package stayput-sys
  leave_out musl
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
  debian_rust_for_aarch64
  export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER='qemu-aarch64 -L /usr/aarch64-linux-gnu'
  tests aarch64-unknown-linux-gnu --package stayput-sys
  leave_out aarch64
  # Those that search all of a process's memory, or use its mappings up, meet the emulator's
  # terabytes; those that fork find no advice taken.
  local file
  for file in decode pages pool_fork pool_model pool_refused prompt seen_elsewhere sources; do
    echo "SKIPPED tests/$file.rs: can't hold in an emulated process"
  done
  local files=(ecosystem guarded limits locked_heap pool_limits pool_misuse pool_threads process
    regions remedies sealed seeds wiped_stack)
  tests aarch64-unknown-linux-gnu --package stayput --all-features --lib "${files[@]/#/--test=}"
)

on_pages() (
  export RUSTFLAGS="--cfg stayput_page_size ${RUSTFLAGS:-}" CARGO_TARGET_DIR=$PWD/target/pages
  leave_out pages
  cargo build --quiet --package stayput-sys --examples # which a test runs
  local size failed=0
  for size in 16384 65536; do
    export STAYPUT_PAGE_SIZE=$size
    echo "pages of $size bytes"
    report cargo test --package stayput-sys --no-fail-fast --lib --tests -- \
      --show-output || failed=1
    report cargo test --package stayput --no-fail-fast --lib --tests -- \
      --show-output "${skips[@]}" || failed=1
  done
  return $failed
)

# Has `skips` leave out the tests that can't hold there: names below a line that says why.
leave_out() { # leave_out TARGET
  local line why=''
  while read -r line; do
    case $line in
      '# '*) why=${line#\# } ;;
      *) skips+=("--skip=$line"); echo "SKIPPED $line: $why" ;;
    esac
  done <"ci/skips/$1"
}

tests() { # tests TARGET CARGO-OPTION...   in a subshell with Debian's compiler
  local target=$1
  shift
  echo "$target: $*"
  report cargo test --target "$target" "$@" --no-fail-fast "${build_std[@]}" -- \
    --show-output "${skips[@]}"
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
