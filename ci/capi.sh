#!/usr/bin/env bash
# ci/capi.sh   the C interface as a C programmer meets it: installed, from its man page
#
# Installs into a temporary prefix, runs the man page's example without privilege,
# links statically, runs the examples, and the tests in C under valgrind and under
# AddressSanitizer. Nothing stays.
set -euo pipefail
cd "$(dirname "$0")/.."

ci/install.sh gcc g++ libc6-dev pkg-config man-db groff-base bsdextrautils openssl python3 \
  libsodium-dev valgrind

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
chmod 755 "$scratch"
prefix=$scratch/prefix
here=crates/stayput-capi
strict=(-Wall -Wextra -Werror -pedantic)

say() { printf '\n--- %s\n' "$*"; }
fail() { echo "ci/capi.sh: $*" >&2; exit 1; }

nobody() { # nobody KIBIBYTES COMMAND...   without privilege, under this limit
  local limit=$(($1 * 1024))
  shift
  prlimit --memlock=$limit:$limit setpriv --reuid=65534 --regid=65534 --clear-groups \
    --inh-caps=-all --bounding-set=-all "$@"
}

installation() {
  cargo xtask header --check
  cargo xtask install --prefix "$prefix"
  export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib
  [ "$(pkg-config --modversion stayput)" = "$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)" ] ||
    fail "stayput.pc has another version than the workspace"
  # Packagers stage files below DESTDIR; what they contain names the final places.
  DESTDIR=$scratch/staged cargo xtask install --prefix /usr --libdir /usr/lib64 >/dev/null
  grep -qx 'libdir=/usr/lib64' "$scratch/staged/usr/lib64/pkgconfig/stayput.pc"
  [ -e "$scratch/staged/usr/lib64/libstayput.so" ] && [ ! -e /usr/lib64/libstayput.so ]
}

# The library exports what the header declares, and nothing else.
symbols() {
  local library=$prefix/lib/libstayput.so
  readelf -d "$library" | grep -q 'Library soname: \[libstayput.so.0\]' || fail "no soname"
  nm --dynamic --defined-only "$library" | awk '{print $3}' | sort >"$scratch/exported"
  echo '#include <stayput.h>' | cc -E -P $(pkg-config --cflags stayput) -x c - | tr '\n' ' ' |
    grep -oE '\b(stayput_[a-z0-9_]+|(alloc|free)_secure_memory)\(' | tr -d '(' | sort -u >"$scratch/declared"
  diff "$scratch/declared" "$scratch/exported" || fail "header and library differ"
  wc -l <"$scratch/exported"
}

page() { # page NAME   the example as the installed man page shows it
  MANWIDTH=100 man -M "$prefix/share/man" -P cat 3 "$1" 2>"$scratch/man-warnings" | col -bx |
    sed -n '/^EXAMPLES/,/^SEE ALSO/{s/^       //;/^#include/,/^}/p}'
  [ ! -s "$scratch/man-warnings" ] || fail "man: $(cat "$scratch/man-warnings")"
}

# A locked buffer in ten lines; where the limit is hit, a message that helps.
man_page() {
  local program=$scratch/example
  page alloc_secure_memory >"$program.c"
  cat "$program.c"
  [ "$(wc -l <"$program.c")" -le 10 ] || fail "the example has more than ten lines"
  cc -std=c11 "${strict[@]}" "$program.c" -o "$program" $(pkg-config --cflags --libs stayput)

  local status=0
  nobody 64 env LD_LIBRARY_PATH="$prefix/lib" "$program" 2>"$program.err" || status=$?
  cat "$program.err"
  [ $status = 1 ] || fail "exit $status over the limit"
  for words in RLIMIT_MEMLOCK 'limit 65536 bytes' 'needed 1' 'Remedy:' 'Cannot allocate memory'; do
    grep -q "$words" "$program.err" || fail "the message does not say: $words"
  done

  # Within the limit: stopped before it frees, to see what the kernel says of it.
  sed -i 's/^\( *\)free_secure/\1getchar();\n&/' "$program.c"
  cc -std=c11 "${strict[@]}" "$program.c" -o "$program" $(pkg-config --cflags --libs stayput)
  mkfifo "$program.in"
  nobody 256 env LD_LIBRARY_PATH="$prefix/lib" sh -c 'echo $$ >&8; exec "$0"' "$program" \
    <"$program.in" 8>"$program.pid" &
  local job=$! locked=0
  exec 9>"$program.in"
  for _ in $(seq 6000); do # until it waits for its input
    [ ! -s "$program.pid" ] ||
      locked=$(awk '/^VmLck/ {print $2}' "/proc/$(cat "$program.pid")/status")
    [ "$locked" -ge 100 ] && break
    sleep 0.01
  done
  echo "VmLck: $locked KiB"
  echo >&9
  exec 9>&-
  wait $job
  [ "$locked" -ge 100 ] || fail "the buffer is not locked"

  page stayput >"$program.c"
  cc -std=c11 "${strict[@]}" "$program.c" -o "$program" $(pkg-config --cflags --libs stayput)
  [ "$(head -c 32 /dev/urandom | nobody 64 env LD_LIBRARY_PATH="$prefix/lib" "$program")" = "32 bytes, locked" ] ||
    fail "stayput(3)'s example"
}

static() {
  local program=$scratch/static
  cc -std=c11 -D_GNU_SOURCE "${strict[@]}" $(pkg-config --cflags stayput) $here/tests/c/use.c -o "$program" \
    "$prefix/lib/libstayput.a" $(pkg-config --static --libs-only-l stayput | sed 's/-lstayput//')
  ! ldd "$program" | grep stayput || fail "linked with the shared library"
  for case in seed secrets pools guarded regions process words; do
    env -u LD_LIBRARY_PATH "$program" $case
  done
}

examples() {
  local flags directory=$here/examples
  flags=$(pkg-config --cflags --libs stayput)
  openssl genpkey -algorithm ed25519 -out "$scratch/key.pem"
  cc "${strict[@]}" $directory/pem/load_key.c -o "$scratch/load_key" $flags
  openssl pkey -in "$scratch/key.pem" -outform DER -out "$scratch/key.der"
  local sum
  sum=$(python3 -c 'import functools, sys
print(functools.reduce(lambda sum, byte: (sum * 31 + byte) & 0xFFFFFFFF, open(sys.argv[1], "rb").read(), 0))' "$scratch/key.der")
  [ "$("$scratch/load_key" "$scratch/key.pem")" = "DER: $(stat -c %s "$scratch/key.der") bytes, checksum $sum, locked" ] ||
    fail "load_key reads another key than openssl"

  head -c 32 /dev/urandom >"$scratch/key"
  chmod 644 "$scratch/key"
  cc "${strict[@]}" $directory/libsodium/before.c -o "$scratch/before" -lsodium
  cc "${strict[@]}" $directory/libsodium/after.c -o "$scratch/after" $flags -lsodium
  for program in before after; do
    [ "$("$scratch/$program" "$scratch/key")" = $'opened: hello\nkey: locked' ] || fail "$program"
  done
  # Without a limit to speak of: the one goes on unlocked, the other says why.
  nobody 0 "$scratch/before" "$scratch/key" | grep 'key: NOT locked'
  ! nobody 0 env LD_LIBRARY_PATH="$prefix/lib" "$scratch/after" "$scratch/key" 2>"$scratch/said" ||
    fail "after goes on without a lock"
  grep 'CAP_IPC_LOCK' "$scratch/said"

  python3 -B $directory/python/secret.py "$scratch/key" | tee "$scratch/said"
  grep -qx locked "$scratch/said" && grep -qx wiped "$scratch/said"
}

# Installed, it is also what `stayput run` preloads.
preload() {
  cargo build --quiet --package stayput-cli
  install -D target/debug/stayput "$prefix/bin/stayput"
  env -u LD_LIBRARY_PATH "$prefix/bin/stayput" run --lock-all -- grep VmLck /proc/self/status |
    tee "$scratch/said"
  ! grep -q ' 0 kB' "$scratch/said" || fail "stayput run locked nothing"
}

tests_in_c() { # tests_in_c SKIPPED...   under what the environment says
  local skips=()
  for name in "$@"; do
    skips+=(--skip "$name")
    echo "SKIPPED $name here"
  done
  unset LD_LIBRARY_PATH
  cargo test --quiet --package stayput-capi --test programs -- --nocapture "${skips[@]}" 2>&1 |
    tee "$scratch/tests"
  # No case for want of a tool.
  ! grep 'SKIPPED.*there is no' "$scratch/tests" || fail "skipped"
}

say installed; installation
say "exported symbols"; symbols
say "from the man page alone"; man_page
say "linked statically"; static
say examples; examples
say "stayput run"; preload
say "under AddressSanitizer"
# It reserves 20 TiB, which mlockall would bring in; and its mlock, which libsodium
# calls, does nothing.
CFLAGS="-fsanitize=address,undefined -fno-sanitize-recover=undefined" \
  ASAN_OPTIONS=handle_segv=0:handle_abort=0 \
  tests_in_c use_::process use_::raw_calls examples::a_program_is_moved_over
say "under valgrind"
# It knows neither mlock2 nor memfd_secret, and what threads held that a fork child
# doesn't have it calls lost. What ends by a signal ran above.
STAYPUT_CASES_UNDER="valgrind --quiet --vgdb=no --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite" \
  tests_in_c use_::raw_calls threads::forks misuse_ends stray_access
