#!/usr/bin/env bash
# ci/conformance.sh [SEQUENCES [SEED]]   the specification against the kernel that runs this
#
# Every clause, then random sequences of 200 steps against the model, with and without
# CAP_IPC_LOCK. As root only: a run that leaves a part out fails, as does one that leaves an
# operation, errno or case unmet. `ci/conformance.sh million` compares a million steps.
set -euo pipefail
cd "$(dirname "$0")/.."

sequences=${1:-2000} seed=${2:-1}
[ "$sequences" != million ] || sequences=5050
cargo build --quiet --release --package stayput-conformance
exec target/release/stayput-conformance --complete "$sequences" "$seed" "$(nproc)"
