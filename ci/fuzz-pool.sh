#!/usr/bin/env bash
# ci/fuzz-pool.sh [SECONDS [SEED]]   fuzzes the pool's operations and the decoding of secrets, 20
#                                    seconds each with seed 1 unless told otherwise; 0 is chance
#
# What breaks them stays in fuzz/pool/artifacts.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-20} seed=${2:-1}

cargo fuzz --version >/dev/null 2>&1 || cargo install cargo-fuzz --locked --quiet

# cargo-fuzz asks for a sanitizer, which stable Rust has behind this switch.
export RUSTC_BOOTSTRAP=1
for target in operations decode; do
  mkdir -p fuzz/pool/corpus/$target
done
# A start for each branch that random bytes seldom reach.
printf 00ffAb7f10203040 >fuzz/pool/corpus/decode/hex
printf 'c2VjcmV0IQ==' >fuzz/pool/corpus/decode/base64
printf '_-8AAQIDBAU' >fuzz/pool/corpus/decode/url
printf 'pässword' >fuzz/pool/corpus/decode/utf8
for target in operations decode; do
  cargo fuzz run --fuzz-dir fuzz/pool $target -- \
    -seed="$seed" -max_total_time="$seconds" -max_len=4096 -len_control=0 \
    -print_final_stats=1
done
