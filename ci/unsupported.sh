#!/usr/bin/env bash
# ci/unsupported.sh   stayput-sys' tests on the backend for platforms that have nothing
#
# Without the doctests: they lock, which this backend refuses.
set -euo pipefail
cd "$(dirname "$0")/.."

export RUSTFLAGS="--cfg stayput_backend=\"unsupported\" ${RUSTFLAGS:-}"
package=(--package stayput-sys --target-dir target/unsupported)
cargo build "${package[@]}" --examples
cargo test "${package[@]}" --no-fail-fast --lib --tests
