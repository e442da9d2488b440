#!/usr/bin/env bash
# vm/run.sh GUEST [RELEASE...]   boots a guest on kernels of its own, and judges what it says
#
# A guest is a folder in vm/guests:
#   config    sourced by this script, with $release set: releases, memory (MiB), modules (in
#             loading order) and append (the kernel's command line; KEY=VALUE ends up in the
#             guest's environment). Where it needs them: disk (MiB; /dev/vda, fresh for each boot)
#             and boots (more command line, one boot for each entry)
#   prepare   runs here as `prepare ROOT RELEASE`: puts what the guest needs into its root
#   guest     runs there as root; its exit code is the verdict
#
# QEMU's own exit code says nothing (a panic looks like a poweroff), so that a boot passes by one
# line alone: "GUEST ENDED 0". Lines "RESULT {…}" are collected in target/vm/GUEST.json, logs kept
# beside it. VM_JOBS boots run at a time (2), each for VM_TIMEOUT seconds at most (600). Needs Linux
# on x86-64 with Debian's qemu-system-x86, busybox-static and xz-utils; nothing is installed, and no
# privilege is needed.
set -euo pipefail
cd "$(dirname "$0")/.."

guest=${1:?expected the name of a guest: $(ls vm/guests)}
shift
[ -d "vm/guests/$guest" ] || { echo "no guest $guest; there are: $(ls vm/guests)" >&2; exit 2; }

configure() { # configure [RELEASE]
  release=${1:-} disk=0 boots=("")
  # shellcheck source=vm/guests/conformance/config
  source "vm/guests/$guest/config"
}

boot() { # boot KERNEL INITRAMFS DISK WORDS   a slow host must not fail the kernel's timer check
  local drive=()
  if [ "$disk" -gt 0 ]; then
    rm -f "$3"
    truncate -s "${disk}M" "$3"
    drive=(-drive "file=$3,if=none,id=d0,format=raw" -device virtio-blk-pci,drive=d0)
  fi
  timeout --kill-after=10 "${VM_TIMEOUT:-600}" \
    qemu-system-x86_64 -M pc -accel tcg,thread=multi -cpu max -smp 1 -m "$memory" \
    -nodefaults -no-user-config -display none -serial stdio -no-reboot "${drive[@]}" \
    -kernel "$1"/boot/vmlinuz-* -initrd "$2" \
    -append "console=ttyS0 panic=-1 quiet loglevel=3 no_timer_check $append $4" \
    </dev/null | tr -d '\r'
}

judge() { # judge NAME KERNEL INITRAMFS WORDS   one boot: its row of the table in NAME.row
  local start=$SECONDS verdict=ok log=target/vm/$1.log
  boot "$2" "$3" "target/vm/$1.img" "$4" >"$log" || verdict="FAILED (qemu: $?)"
  rm -f "target/vm/$1.img"
  grep -qx 'GUEST ENDED 0' "$log" || verdict=FAILED
  printf '%-14s %-6s %5d s  %-8s %s  %s\n' \
    "$guest" "$release" $((SECONDS - start)) "$verdict" "$log" "$4" | tee "target/vm/$1.row"
  [ "$verdict" = ok ] || tail -n 40 "$log"
}

mkdir -p target/vm
configure
[ $# -gt 0 ] || set -- "${releases[@]}"
names=()
for release in "$@"; do
  configure "$release"
  kernel=$(vm/kernel.sh "$release") initramfs=target/vm/$guest-$release.gz
  vm/initramfs.sh "$initramfs" "$kernel" "$guest" "$release" "$modules"
  for number in "${!boots[@]}"; do
    name=$guest-$release
    [ ${#boots[@]} -eq 1 ] || name+=-$((number + 1))
    names+=("$name")
    rm -f "target/vm/$name.row"
    while [ "$(jobs -pr | wc -l)" -ge "${VM_JOBS:-2}" ]; do wait -n; done
    judge "$name" "$kernel" "$initramfs" "${boots[number]}" &
  done
done
wait

echo
cd target/vm
cat "${names[@]/%/.row}"
sed -n 's/^RESULT //p' "${names[@]/%/.log}" | sed '$!s/$/,/; 1i [
$a ]' >"$guest.json"
if grep -q FAILED "${names[@]/%/.row}"; then exit 1; fi
