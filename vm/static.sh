#!/usr/bin/env bash
# vm/static.sh ARCH PROGRAM TO CARGO-OPTIONS...   builds a program that needs no library where it runs
set -euo pipefail
cd "$(dirname "$0")/.."
. ci/debian-rust.sh

arch=$1 program=$2 to=$3
shift 3
flags="-C target-feature=+crt-static" options=()
case $arch in
  amd64) target=x86_64-unknown-linux-gnu ;;
  arm64)
    target=aarch64-unknown-linux-gnu
    # Its place is fixed: above the addresses that experiments map things at.
    flags+=" -C link-arg=-Wl,-Ttext-segment=0x1000000000"
    options=("${build_std[@]}")
    debian_rust_for_aarch64 ;;
  *) echo "no architecture $arch: expected amd64 or arm64" >&2; exit 2 ;;
esac
# With the target named, the flags leave build scripts alone.
RUSTFLAGS=$flags cargo build --quiet --release "${options[@]}" "$@" \
  --target "$target" --target-dir target/vm/build
cp "target/vm/build/$target/release/$program" "$to"
