#!/usr/bin/env bash
# ci/tsan.sh deps   installs Debian's compiler and clang's runtime (Debian 12, root)
# ci/tsan.sh        the tests with many threads under ThreadSanitizer
#
# The standard library must be instrumented too, or its locks look like races: it
# is built from Debian's sources with Debian's compiler, whose LLVM is clang 22's.
# One test races on purpose and must be reported.
set -euo pipefail
cd "$(dirname "$0")/.."
. ci/debian-rust.sh

target=x86_64-unknown-linux-gnu
tests=(pool_threads pool_model guarded sealed)

deps() {
  ci/install.sh "${debian_rust_packages[@]}" clang-22 libclang-rt-22-dev
}

check() {
  debian_rust
  command -v clang-22 >/dev/null || { echo "no clang-22: run ci/tsan.sh deps" >&2; exit 1; }
  export CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER=clang-22
  export RUSTFLAGS="-Zsanitizer=thread -Zexternal-clangrt -Clink-arg=-fsanitize=thread"
  # Tests that end by a fault on purpose look for the signal, which the sanitizer would take.
  export TSAN_OPTIONS=handle_segv=0:handle_sigbus=0:halt_on_error=1:${TSAN_OPTIONS:-}
  export STAYPUT_UNDER_TSAN=1
  cargo test --package stayput --features sealed --no-fail-fast \
    --target $target --target-dir target/tsan -Zbuild-std=std,panic_unwind,test \
    --lib "${tests[@]/#/--test=}"
}

case ${1:-check} in
  deps | check) "${1:-check}" ;;
  *) sed -n '2,${/^#/!q; s/^# \{0,1\}//p}' "$0" >&2; exit 2 ;;
esac
