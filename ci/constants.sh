#!/usr/bin/env bash
# ci/constants.sh   each system's constants, as the backends use them, against its headers
#
# The headers are those that the zig compiler brings along (PyPI's `ziglang`): macOS,
# FreeBSD, OpenBSD, NetBSD, Linux with glibc and musl, MinGW. What the backends name
# is read from their source: constants of the libc and windows-sys crates, and values
# that they write out. clang says what the headers have, and rustc is asked whether the
# crates, built for the target, have the same. TARGETS="a b" narrows it.
#
# No headers can be had of illumos and Solaris, DragonFly and Android's C library;
# Android's kernel values are compared with Linux's own.
set -euo pipefail
cd "$(dirname "$0")/.."
. ci/debian-rust.sh

zig_version=0.17.1
cache=${STAYPUT_CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/stayput-ci}
work=$PWD/target/constants
backends=crates/stayput-sys/src/backends

targets=(
  x86_64-unknown-linux-gnu i686-unknown-linux-gnu aarch64-unknown-linux-gnu
  x86_64-unknown-linux-musl aarch64-unknown-linux-musl aarch64-linux-android
  x86_64-apple-darwin aarch64-apple-darwin
  x86_64-unknown-freebsd x86_64-unknown-openbsd x86_64-unknown-netbsd
  x86_64-pc-windows-gnu
)

zig_target() { # zig_target RUST-TARGET
  case $1 in
    aarch64-linux-android) echo aarch64-linux-musl ;;
    i686-*) echo "x86${1#i686-unknown}" ;;
    *-apple-darwin) echo "${1%-apple-darwin}-macos" ;;
    *-pc-windows-gnu) echo x86_64-windows-gnu ;;
    *) echo "${1/-unknown/}" ;;
  esac
}

files() { # files RUST-TARGET   the source that names its constants
  local unix=("$backends"/{page_size,posix,posix/signals,posix/terminal}.rs)
  case $1 in
    *linux*) echo "${unix[@]}" "$backends"/{linux,linux/launch,linux/raw,linux/raw/process}.rs ;;
    *apple*) echo "${unix[@]}" "$backends/apple.rs" ;;
    *windows*) find "$backends"/windows* -name '*.rs' -printf '%p ' ;;
    *) echo "${unix[@]}" "$backends/${1##*-}.rs" ;;
  esac
}

headers() { # headers RUST-TARGET
  local names=(errno fcntl poll signal stdint stdlib termios unistd
    sys/mman sys/resource sys/stat sys/time sys/types sys/wait)
  case $1 in
    *linux-gnu) names+=(malloc) ;;&
    *linux*) names+=(asm/unistd sched sys/auxv sys/prctl sys/ptrace sys/syscall linux/capability linux/mman) ;;
    *apple*) names+=(mach/vm_inherit) ;;
    *freebsd) names+=(sys/procctl) ;;
    *windows*) names=(windows winerror werapi) ;;
  esac
  printf '#include <%s.h>\n' "${names[@]}"
}

# Names of the crates' constants, except functions and pointers.
named() { # named RUST-TARGET
  # shellcheck disable=SC2046
  case $1 in
    *windows*) sed -s '/^mod tests/,$d' $(files "$1") | grep -ohE '\b(ERROR|MEM|PAGE|QUOTA|WER|SEM|FILE|GENERIC|STD|ENABLE|CREATE|DELETE|OPEN)_[A-Z0-9_]+\b' ;;
    *) sed 's,^ *//.*,,' $(files "$1") | grep -ohE 'libc::_?[A-Z][A-Z0-9_]+\b' | sed 's/libc:://' ;;
  esac | sort -u | grep -vxE "$(not_here "$1")"
}

# What a target's own source leaves out by `cfg`, or that is no number.
not_here() {
  local no='W(EXITSTATUS|IFSIGNALED|TERMSIG)|MAP_FAILED'
  case $1 in
    *freebsd) no+='|MAP_NORESERVE' ;;
    *musl) no+='|M_[A-Z_]+' ;;
    *android) no+='|M_[A-Z_]+|_SC_PAGESIZE' ;; # Bionic's numbers, not the kernel's
  esac
  echo "$no"
}

# NAME VALUE of what the source writes out itself, with the headers' names.
written() { # written RUST-TARGET
  local value='(0[xo])?[0-9a-f_]+'
  {
    case $1 in
      *linux*)
        # shellcheck disable=SC2046
        cat $(files "$1") ;;
      *windows*) cat $backends/quota.rs crates/stayput-sys/src/process.rs ;;
      *) grep -E 'MCL_(CURRENT|FUTURE)' $backends/unsupported.rs ;;
    esac
  } | sed -nE "s/^ *(pub(\(crate\))? )?const ([A-Z][A-Z0-9_]+): [a-z0-9_:]+ = ($value);.*/\3 \4/p" |
    sort -u |
    awk '
      BEGIN {
        header["SYS_MEMFD_SECRET"] = "__NR_memfd_secret"
        header["LINUX_CAPABILITY_VERSION_3"] = header["VERSION_3"] = "_LINUX_CAPABILITY_VERSION_3"
        header["SET_UID"] = "S_ISUID"; header["SET_GID"] = "S_ISGID"
        header["GROUP_EXECUTES"] = "S_IXGRP"; header["WORKING_SET_QUOTA"] = "ERROR_WORKING_SET_QUOTA"
        split("PAGE NORESERVE UNASKED NO YES NO_SUCH_ADVICE UNIT GROWTHS NOBODY CLAIMED COUNT", ours)
        for (i in ours) own[ours[i]]
      }
      !($1 in own) { gsub("_", "", $2); sub("^0o", "0", $2); print ($1 in header ? header[$1] : $1), $2 }'
}

zig_home=$cache/zig-$zig_version

fetch_zig() {
  [ ! -x "$zig_home/ziglang/zig" ] || return 0
  python3 -m pip --version >/dev/null 2>&1 || ci/install.sh python3-pip >&2
  local fresh
  mkdir -p "$cache"
  fresh=$(mktemp -d "$zig_home.XXXXXX")
  python3 -m pip install --quiet --no-deps --target "$fresh" "ziglang==$zig_version" >&2 ||
    { rm -r "$fresh"; return 1; }
  mv "$fresh" "$zig_home"
}

zig() {
  ZIG_GLOBAL_CACHE_DIR=$work/zig "$zig_home/ziglang/zig" "$@"
}

# The C source: what is written out must be right, what is named becomes a value.
c_source() { # c_source RUST-TARGET
  echo '#define _GNU_SOURCE'
  headers "$1"
  case $1 in *linux*)
    echo '_Static_assert(MCL_ONFAULT == MCL_FUTURE << 1, "MCL_ONFAULT");' ;;
  esac
  written "$1" | while read -r name value; do
    echo "_Static_assert($name == $value, \"$name is not $value\");"
  done
  named "$1" | while read -r name; do
    echo "const long long stayput_$name = (long long)$name;"
  done
}

# NAME VALUE by the headers.
by_headers() { # by_headers RUST-TARGET
  local source=$work/$1/headers.c
  c_source "$1" >"$source"
  zig cc -target "$(zig_target "$1")" -Wno-everything -ferror-limit=0 -S -emit-llvm \
    -o "$work/$1/headers.ll" "$source" || return 1
  sed -nE 's/^@stayput_(\w+) = .*constant i64 (-?[0-9]+),.*/\1 \2/p' "$work/$1/headers.ll"
}

version() { # version CRATE   that Cargo.lock has chosen for the backends
  cargo metadata --format-version 1 --locked |
    python3 -c '
import json, sys
metadata, crate = json.load(sys.stdin), sys.argv[1]
ours = next(it["id"] for it in metadata["packages"] if it["name"] == "stayput-sys")
node = next(it for it in metadata["resolve"]["nodes"] if it["id"] == ours)
ids = {it["pkg"] for it in node["deps"] if it["name"] == crate.replace("-", "_")}
print(next(it["version"] for it in metadata["packages"] if it["id"] in ids))' "$1"
}

# A crate that compiles where every value is what the headers say.
rust_source() { # rust_source RUST-TARGET   reads NAME VALUE
  echo '#![no_std]'
  echo '#![allow(unused_imports, deprecated, ambiguous_glob_imports)]'
  case $1 in
    *windows*) sed -nE 's/^ *"(Win32_[A-Za-z_]+)",$/\1/p' crates/stayput-sys/Cargo.toml |
      sed 's/_/::/g; s/.*/use windows_sys::&::*;/' ;;
    *) echo 'use libc::*;' ;;
  esac
  while read -r name value; do
    echo "const _: () = assert!($name as i64 == $value, \"$name is not $value\");"
    # The control: a wrong constant must not compile.
    echo "#[cfg(feature = \"planted\")] const _: () = assert!($name as i64 == $value + 1, \"planted: $name\");"
  done
}

compiles() { # compiles RUST-TARGET [CARGO-OPTION...]
  local target=$1
  shift
  (
    debian_rust >/dev/null
    cargo check --quiet --manifest-path "$work/$target/Cargo.toml" --target "$target" \
      --target-dir "$work/build" -Zbuild-std=core "$@"
  )
}

compare() { # compare RUST-TARGET
  local target=$1 features
  mkdir -p "$work/$target/src"
  features=$(sed -nE 's/^ *("Win32_[A-Za-z_]+"),$/\1/p' crates/stayput-sys/Cargo.toml | paste -sd,)
  cat >"$work/$target/Cargo.toml" <<TOML
[package]
name = "constants"
version = "0.0.0"
edition = "2024"
[workspace]
[dependencies]
libc = { version = "=$libc", default-features = false }
windows-sys = { version = "=$windows_sys", features = [$features] }
[features]
planted = []
TOML
  by_headers "$target" >"$work/$target/values" || return 1
  [ -s "$work/$target/values" ] || { echo "no value of $target" >&2; return 1; }
  rust_source "$target" <"$work/$target/values" >"$work/$target/src/lib.rs"
  compiles "$target" || return 1
  local count
  count=$(wc -l <"$work/$target/values")
  printf '%-28s %3d by the crates, %2d written out: as the headers say\n' "$target" "$count" \
    "$(written "$target" | wc -l)"
}

# What must fail: each crate's constant off by one, and a written one.
control() { # control RUST-TARGET
  local target=$1 refused found
  refused=$(compiles "$target" --features planted 2>&1) && { echo "a wrong constant passed" >&2; return 1; }
  found=$(grep -c 'planted: ' <<<"$refused" || true)
  [ "$found" -ge "$(wc -l <"$work/$target/values")" ] ||
    { echo "only $found wrong constants were found" >&2; return 1; }
  sed -E '0,/(_Static_assert\(\w+ == )/s//\1 1 + /' "$work/$target/headers.c" >"$work/$target/wrong.c"
  ! zig cc -target "$(zig_target "$target")" -fsyntax-only "$work/$target/wrong.c" 2>/dev/null ||
    { echo "a wrong value passed" >&2; return 1; }
  echo "control: with every constant of $target off by one, every one is found"
}

[ -z "${TARGETS:-}" ] || read -ra targets <<<"$TARGETS"
fetch_zig || { echo "SKIPPED constants: PyPI's ziglang $zig_version is not to be had"; exit 0; }
ci/install.sh "${debian_rust_packages[@]}"
libc=$(version libc) windows_sys=$(version windows-sys)
failed=()
for target in "${targets[@]}"; do
  compare "$target" || failed+=("$target")
done
[ ${#failed[@]} -eq 0 ] || { echo "differ: ${failed[*]}" >&2; exit 1; }
control "${targets[0]}"
