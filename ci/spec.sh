#!/usr/bin/env bash
# ci/spec.sh   docutils accepts the specifications' reStructuredText, without a warning
set -euo pipefail
cd "$(dirname "$0")/.."

ci/install.sh python3-docutils
# Debian's Python is the one that has it.
export PYTHON=/usr/bin/python3 CARGO_TERM_COLOR=never

# Random pages with markup in every field, the contract's, those of what was read.
output=$(PROPTEST_CASES=400 cargo test --package stayput-spec --test rst -- --nocapture 2>&1) || {
  printf '%s\n' "$output" >&2
  exit 1
}
if grep SKIPPED <<<"$output" >&2; then exit 1; fi

# And as a user makes them.
cargo build --quiet --package stayput-cli
stayput=${CARGO_TARGET_DIR:-target}/debug/stayput
while read -r call _; do
  "$stayput" spec show "$call" --format rst | /usr/bin/rst2html --strict - >/dev/null
  echo "rst2html --strict takes $call"
done < <("$stayput" spec list)
