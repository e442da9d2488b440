#!/usr/bin/env bash
# ci/evidence.sh [RUN.json...]   runs what claims rest on, and writes docs/evidence.md
#
# Too long to be part of it, so their JSON can be given: an hour of the soak (`ci/soak.sh 3600 1
# hour.json`), and the tools killed a hundred times each (`ci/killed.sh 100 1 killed.json`). Needs
# root; takes about half an hour on two cores. Every run goes to its end; what contradicts a claim is
# in the page, and the script fails.
set -euo pipefail
cd "$(dirname "$0")/.."

to=target/evidence failed=0
rm -rf "$to"
mkdir -p "$to"
cargo build --release
stayput=target/release/stayput
"$stayput" prove --require-all --format json >"$to/prove.json" || failed=1
"$stayput" spec check --format json >"$to/spec.json" || failed=1
cargo xtask evidence test >"$to/tests.json" || failed=1
rm -f target/vm/*.json
vm/run all || failed=1
cargo xtask evidence collect "$to"/*.json target/vm/*.json "$@"
cargo xtask evidence || failed=1
exit $failed
