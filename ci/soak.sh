#!/usr/bin/env bash
# ci/soak.sh [SECONDS [SEED [RESULT]]]   churn, refused locks, forks and memory pressure,
#                                        checked all along by what the kernel lists
#
# Gives the soak (crates/stayput/examples/soak) a swap file and a control group that is
# too small for it and its hog, for 120 seconds by default, and takes both away again.
# RESULT: where the JSON goes. BESIDE_OTHERS=1: does not wait for, nor keep away, other
# experiments with swap on this machine; theirs come first in the order of areas.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-120} seed=${2:-$RANDOM} result=${3:-target/soak.json}
ci/install.sh jq
if [ "$(id -u)" -ne 0 ]; then
  echo "SKIPPED soak: needs root"
  exit 0
fi
if [ -z "${BESIDE_OTHERS:-}" ]; then
  exec 9<"${TMPDIR:-/tmp}"
  flock 9
fi

cargo build --quiet --package stayput --all-features --example soak
soak=$PWD/target/debug/examples/soak
mkdir -p "$(dirname "$result")"
result=$(realpath "$result")

memory=/sys/fs/cgroup/memory
if [ ! -e $memory/memory.limit_in_bytes ]; then
  memory=/sys/fs/cgroup
  if ! grep -qw memory $memory/cgroup.subtree_control 2>/dev/null; then
    echo "SKIPPED soak: no memory control group can be made"
    exit 0
  fi
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/stayput-soak.XXXXXX")
group=$memory/$(basename "$work")
area=$work/swap child=''
take_away() {
  trap '' INT TERM
  [ -z "$child" ] || kill "$child" 2>/dev/null || true
  [ -z "$child" ] || wait "$child" 2>/dev/null || true
  for _ in $(seq 100); do # the hog ends when its pipe does
    [ -d "$group" ] || break
    rmdir "$group" 2>/dev/null || sleep 0.1
  done
  # Where memory runs out, swapoff is the first that the kernel kills.
  for _ in $(seq 60); do
    grep -q "^$area " /proc/swaps || break
    swapoff "$area" 2>/dev/null || sleep 1
  done
  rm -rf "$work"
}
trap take_away EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

dd if=/dev/zero of="$area" bs=1M count=192 status=none
chmod 600 "$area"
mkswap "$area" >/dev/null
swapon "$area"
mkdir "$group"
if [ -e "$group/memory.limit_in_bytes" ]; then
  echo 100 >"$group/memory.swappiness"
  echo 96M >"$group/memory.limit_in_bytes"
  killed() { awk '$1 == "oom_kill" { print $2 }' "$group/memory.oom_control"; }
else
  echo 96M >"$group/memory.max"
  killed() { awk '$1 == "oom_kill" { print $2 }' "$group/memory.events"; }
fi

mkdir "$work/files"
(
  cd "$work/files"
  echo "$BASHPID" >"$group/cgroup.procs"
  # One heap for all threads: each would reserve 64 MiB, which mlockall counts.
  exec env MALLOC_ARENA_MAX=1 SOAK_HOG_MIB=96 "$soak" "$seconds" "$seed" >"$work/result.json"
) &
child=$!
status=0
wait "$child" || status=$?
child=''
kills=$(killed)
if ! jq --arg kernel "$(uname -r)" --argjson oom_kills "${kills:-0}" \
  '. + {kernel: $kernel, oom_kills: $oom_kills}' "$work/result.json" >"$result"; then
  echo "FAILED: no result (exit status $status, $kills killed for want of memory)" >&2
  exit 1
fi
jq . "$result"
if [ "$status" -ne 0 ]; then
  echo "FAILED: exit status $status" >&2
  exit 1
fi
# A hog that the kernel killed was replaced; nobody else may be killed.
if ! jq --exit-status '.oom_kills <= (.counts["hogs lost"] // 0) and .most_swapped.control > 0 and .most_swapped.hog > 0
    and .low_water.marks > 0' "$result" >/dev/null; then
  echo "FAILED: there was no memory pressure (nothing unlocked in swap), or a kill" >&2
  exit 1
fi
if [ -n "$(ls -A "$work/files")" ]; then
  echo "FAILED: files were left behind: $(ls -A "$work/files")" >&2
  exit 1
fi
echo "PASSED: $(jq .rounds "$result") rounds, no lost lock, no residue, no growth"
