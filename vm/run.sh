#!/usr/bin/env bash
# vm/run.sh GUEST [RELEASE...]   boots a guest on kernels of its own, and judges what it says
#
# A guest is a folder in vm/guests:
#   config    sourced by this script: releases, memory (MiB), modules (in loading order)
#             and append (the kernel's command line; KEY=VALUE ends up in the guest's environment)
#   prepare   runs here as `prepare ROOT RELEASE`: puts what the guest needs into its root
#   guest     runs there as root; its exit code is the verdict
#
# QEMU's own exit code says nothing (a panic looks like a poweroff), so that a boot passes by one
# line alone: "GUEST ENDED 0". Needs Linux on x86-64 with Debian's qemu-system-x86, busybox-static
# and xz-utils; nothing is installed, and no privilege is needed. Logs are kept in target/vm.
set -euo pipefail
cd "$(dirname "$0")/.."

guest=${1:?expected the name of a guest: $(ls vm/guests)}
shift
[ -d "vm/guests/$guest" ] || { echo "no guest $guest; there are: $(ls vm/guests)" >&2; exit 2; }

# shellcheck source=vm/guests/conformance/config
source "vm/guests/$guest/config"
[ $# -gt 0 ] || set -- "${releases[@]}"

boot() { # boot KERNEL INITRAMFS   a slow host must not fail the kernel's timer check
  timeout --kill-after=10 "${VM_TIMEOUT:-600}" \
    qemu-system-x86_64 -M pc -accel tcg,thread=multi -cpu max -smp 1 -m "$memory" \
    -nodefaults -no-user-config -display none -serial stdio -no-reboot \
    -kernel "$1"/boot/vmlinuz-* -initrd "$2" \
    -append "console=ttyS0 panic=-1 quiet loglevel=3 no_timer_check $append" \
    </dev/null | tr -d '\r'
}

mkdir -p target/vm
table=() failed=0
for release in "$@"; do
  start=$SECONDS verdict=ok log=target/vm/$guest-$release.log initramfs=target/vm/$guest-$release.gz
  kernel=$(vm/kernel.sh "$release")
  vm/initramfs.sh "$initramfs" "$kernel" "$guest" "$release" "$modules"
  boot "$kernel" "$initramfs" >"$log" || verdict="FAILED (qemu: $?)"
  grep -qx 'GUEST ENDED 0' "$log" || verdict=FAILED
  if [ "$verdict" != ok ]; then
    failed=1
    tail -n 40 "$log"
  fi
  table+=("$(printf '%-12s %-6s %5d s  %-8s %s' "$guest" "$release" $((SECONDS - start)) "$verdict" "$log")")
done
printf '%s\n' "${table[@]}"
exit $failed
