#!/usr/bin/env bash
# ci/fuzz.sh [SECONDS [SEED]]   fuzzes the reader of specifications, 30 seconds with seed 1 unless
#                               told otherwise: a change is not refused by chance. Seed 0 is chance.
#
# The corpus starts from the tests' inputs and from the contract in both notations. What breaks
# it stays in fuzz/artifacts.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-30} seed=${2:-1}

cargo fuzz --version >/dev/null 2>&1 || cargo install cargo-fuzz --locked --quiet
cargo build --quiet --package stayput-cli
stayput=$PWD/${CARGO_TARGET_DIR:-target}/debug/stayput

corpus=fuzz/corpus/read
mkdir -p $corpus
cp crates/stayput-spec/tests/inputs/* $corpus/
for notation in macros kernel-doc; do
  "$stayput" spec show mlock2 --format $notation >"$corpus/mlock2.$notation"
done

# cargo-fuzz asks for a sanitizer, which stable Rust has behind this switch.
export RUSTC_BOOTSTRAP=1
cargo fuzz run read -- -dict=fuzz/read.dict -seed="$seed" -max_total_time="$seconds" -max_len=8192 \
  -print_final_stats=1
