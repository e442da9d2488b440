#!/usr/bin/env bash
# Stayput side by side with other libraries: installs what is missing, builds, runs,
# prints the tables. Without arguments it runs everything and writes RESULTS.md and
# results.svg; with arguments (`run.sh --only typed --peers stayput`; `run.sh --help`)
# it passes them on and writes nothing.
set -euo pipefail
cd "$(dirname "$0")"

packages=(libsodium-dev libssl-dev libgcrypt20-dev libbotan-2-dev pkg-config g++ valgrind)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
    missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  # A list of packages may be missing or stale.
  apt-get update >&2 || true
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" >&2 ||
    echo "not installed: ${missing[*]}; what needs them is left out" >&2
fi

# The name that cargo knows, and the one that pkg-config knows.
features=()
for pair in libsodium:libsodium secrets:libsodium openssl:libcrypto libgcrypt:libgcrypt botan:botan-2; do
  if pkg-config --exists "${pair#*:}"; then
    features+=("${pair%%:*}")
  fi
done
cargo build --release --locked --no-default-features --features "${features[*]}" >&2

if [ $# -gt 0 ]; then
  exec target/release/stayput-bench run "$@"
fi
commit=$(git rev-parse --short=10 HEAD)
git diff --quiet HEAD -- .. ':!RESULTS.md' ':!results.svg' || commit+=" with changes"
options=(--out . --commit "$commit" --date "$(date -u +%F)")
! command -v valgrind >/dev/null || options+=(--instructions)
exec target/release/stayput-bench run "${options[@]}"
