#!/usr/bin/env bash
# ci/loom.sh   the model of how slots pass between threads, in every order (loom)
set -euo pipefail
cd "$(dirname "$0")/.."
# A target of its own: the flag reaches every crate.
RUSTFLAGS="--cfg loom ${RUSTFLAGS:-}" \
  cargo test --package stayput --target-dir target/loom --test hand_over
