#!/usr/bin/env bash
# vm/static.sh PROGRAM TO CARGO-OPTIONS...   builds a program that needs no library where it runs
set -euo pipefail
cd "$(dirname "$0")/.."

program=$1 to=$2
shift 2
target=x86_64-unknown-linux-gnu # named, so that the flag below leaves build scripts alone
RUSTFLAGS="-C target-feature=+crt-static" cargo build --quiet --release "$@" \
  --target "$target" --target-dir target/vm/build
cp "target/vm/build/$target/release/$program" "$to"
