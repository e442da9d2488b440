#!/usr/bin/env bash
# ci/unsupported.sh   the fallback for platforms without a backend, tested here
set -euo pipefail
cd "$(dirname "$0")/.."

export RUSTFLAGS='--cfg stayput_backend="unsupported"'
package=(--package stayput-sys --target-dir target/unsupported)
cargo build "${package[@]}" --examples # the tests run them
cargo test "${package[@]}" --lib --tests
