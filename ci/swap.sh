#!/usr/bin/env bash
# ci/swap.sh   doctor tells swap areas apart: on a disk, encrypted, in memory
#
# Makes each kind for a moment, one at a time, and takes it away again. Waits for
# experiments with swap that others run on this machine (they hold the same lock).
set -euo pipefail
cd "$(dirname "$0")/.."
ci/install.sh jq
if [ "$(id -u)" -ne 0 ]; then
  echo "SKIPPED swap: needs root"
  exit 0
fi
exec 9<"${TMPDIR:-/tmp}"
flock 9

cargo build --quiet --package stayput-cli
stayput=target/debug/stayput
work=$(mktemp -d)
area='' loop='' zram='' crypt=''
# One that can't be taken away, or never was there, must not keep the rest.
take_away() {
  local status=0
  [ -z "$area" ] || ! grep -q "^$area " /proc/swaps || swapoff "$area" || status=1
  area=''
  [ -z "$crypt" ] || ! [ -e "/dev/mapper/$crypt" ] || cryptsetup close "$crypt" || status=1
  crypt=''
  [ -z "$loop" ] || losetup --detach "$loop" || status=1
  loop=''
  [ -z "$zram" ] || echo 1 >"/sys/block/$zram/reset" || status=1
  zram=''
  return $status
}
trap 'take_away || true; rm -rf "$work"' EXIT

failures=0
expect() { # expect KEEPS VERDICT   of the one area there is
  local found expected="$1 $2"
  mkswap --quiet "$area" 2>/dev/null || mkswap "$area" >/dev/null
  swapon "$area"
  "$stayput" doctor --format json >"$work/report.json" || [ $? -eq 1 ]
  found=$(jq --raw-output --arg name "$area" '.checks[] | select(.id == "swap-devices")
    | "\(.evidence.areas[] | select(.name == $name).keeps) \(.verdict)"' "$work/report.json")
  if [ "$found" = "$expected" ]; then
    echo "ok      $area: $found"
  else
    echo "FAILED  $area: $found, expected $expected" >&2
    failures=$((failures + 1))
  fi
  take_away
}

if [ "$(wc -l </proc/swaps)" -gt 1 ]; then
  echo "SKIPPED swap: this machine has swap of its own"
  exit 0
fi

disk=$(mktemp "$work/swap.XXXX")
chmod 600 "$disk"
dd if=/dev/zero of="$disk" bs=1M count=8 status=none
area=$disk
expect plain warn

loop=$(losetup --find --show "$disk")
area=$loop
expect plain warn

if [ -e /dev/zram0 ] && [ "$(cat /sys/block/zram0/disksize)" = 0 ]; then
  zram=zram0
  echo 8M >/sys/block/zram0/disksize
  area=/dev/zram0
  expect memory pass
else
  echo "SKIPPED zram: no free /dev/zram0"
fi

if grep -q device-mapper /proc/misc && command -v cryptsetup >/dev/null; then
  loop=$(losetup --find --show "$disk")
  crypt='stayput-ci'
  cryptsetup open --type plain --key-file /dev/urandom --cipher aes-xts-plain64 \
    --key-size 256 "$loop" "$crypt"
  area=$(readlink --canonicalize "/dev/mapper/$crypt")
  expect encrypted pass
else
  echo "SKIPPED dm-crypt: this kernel has no device mapper, or there is no cryptsetup"
fi

if [ "$failures" -gt 0 ]; then
  echo "FAILED: $failures"
  exit 1
fi
echo "PASSED: swap areas are told apart"
