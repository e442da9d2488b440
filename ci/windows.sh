#!/usr/bin/env bash
# ci/windows.sh deps             installs what the rest needs (Debian 12, root)
# ci/windows.sh run              tests, doctor, command-line tool and a C program, as .exe files
#                                under Wine
# ci/windows.sh test TEST ARGS   `cargo test` with these arguments, under Wine
#
# The standard library is built from Debian's sources with Debian's compiler, in
# subshells: elsewhere rustup's stays first on PATH. What Wine does otherwise than
# Windows: docs/platforms.md.
set -euo pipefail
cd "$(dirname "$0")/.."
. ci/debian-rust.sh

cache=${STAYPUT_CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/stayput-ci}
wine=/usr/lib/wine/wine64
target=x86_64-pc-windows-gnu
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target/platforms}

deps() {
  ci/install.sh "${debian_rust_packages[@]}" gcc-mingw-w64-x86-64-win32 wine64 python3
}

run() (
  surroundings
  # Their programs come along: the tests of examples run them.
  packages=(--package stayput-sys --package stayput --package stayput-doctor)
  log=$CARGO_TARGET_DIR/windows-tests.log
  cross test "${packages[@]}" --all-features --no-run
  cross build --package stayput --example hold
  cross build --package stayput-cli
  echo "==> tests"
  verdict=0
  cross test "${packages[@]}" --all-features --no-fail-fast -- --nocapture >"$log" 2>&1 || verdict=$?
  [ $verdict -eq 0 ] || cat "$log"
  python3 ci/windows-report.py "$log" || verdict=1
  echo "==> locks, as the host lists them"
  python3 ci/observe-wine.py $wine "$CARGO_TARGET_DIR/$target/debug/examples/hold.exe" || verdict=1
  echo "==> stayput doctor"
  $wine "$CARGO_TARGET_DIR/$target/debug/stayput.exe" doctor --require 1MiB || verdict=1
  echo "==> a program in C"
  in_c || verdict=1
  exit $verdict
)

# The C interface's portable example, with the library beside it.
in_c() {
  local built=$CARGO_TARGET_DIR/$target/debug
  cross build --package stayput-capi &&
    x86_64-w64-mingw32-gcc -std=c11 -Wall -Wextra -Werror -pedantic -I crates/stayput-capi/include \
      -o "$built/portable.exe" crates/stayput-capi/examples/portable.c "$built/stayput_capi.dll" &&
    $wine "$built/portable.exe" | tr -d '\r' | tee "$built/portable.txt" &&
    grep -qx 'locked: yes' "$built/portable.txt" && grep -q '^too much: ' "$built/portable.txt"
}

test() (
  surroundings
  cross test "$@"
)

cross() { # cross CARGO-COMMAND ARGS...
  local command=$1
  shift
  cargo "$command" -Zbuild-std=std,panic_unwind,test --target $target "$@"
}

surroundings() { # in a subshell only
  debian_rust
  export CARGO_PROFILE_DEV_DEBUG=0
  export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=x86_64-w64-mingw32-gcc
  export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=$wine
  wine_prefix
}

wine_prefix() {
  export WINEPREFIX=$cache/wine WINEARCH=win64 WINEDEBUG=-all
  # With Wine's debugger on, a crashing program sometimes exits 0.
  export WINEDLLOVERRIDES='winedbg.exe=d;mscoree=d;mshtml=d'
  mkdir -p "$cache"
  if [ ! -e "$WINEPREFIX/system.reg" ]; then
    timeout 300 $wine wineboot --init >"$cache/wineboot.log" 2>&1
    /usr/lib/wine/wineserver -w
  fi
  # std seeds its maps from a library that Wine 8 lacks: programs end silently.
  local dll=$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll
  [ -e "$dll" ] || x86_64-w64-mingw32-gcc -O2 -shared -o "$dll" ci/bcryptprimitives.c -ladvapi32
}

command=${1:-}
case $command in
  deps | run | test) shift && "$command" "$@" ;;
  *) sed -n '2,${/^#/!q; s/^# \{0,1\}//p}' "$0" >&2; exit 2 ;;
esac
