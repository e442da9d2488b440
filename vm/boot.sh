#!/usr/bin/env bash
# vm/boot.sh GUEST RELEASE NUMBER   runs one boot that vm/run has prepared, and collects its cells
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=vm/configure.sh
source vm/configure.sh
# shellcheck source=vm/debian.sh
source vm/debian.sh

guest=$1 number=$3
configure "$guest" "$2"
name=$(boot_name "$guest" "$release" "$number")
kernel=$(vm/kernel.sh "$release")
seed=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
stage_log=$name.stage
trap 'rm -f "$name".{img,judge} "$stage_log"; pkill -P $$ || true' EXIT
trap 'exit 143' INT TERM

drive=()
if [ "$disk" -gt 0 ]; then
  rm -f "$name.img"
  truncate -s "${disk}M" "$name.img"
  # shellcheck disable=SC2054 # commas are QEMU's
  drive=(-drive "file=$name.img,format=raw,if=none,id=d0" -device virtio-blk-pci,drive=d0)
fi

case $(arch_of "$release") in
  amd64) machine=(qemu-system-x86_64 -M pc) console=ttyS0 ;;
  arm64) machine=(qemu-system-aarch64 -M virt) console=ttyAMA0 ;;
esac

# A slow host must not fail the kernel's timer check.
qemu() { # qemu STAGE
  setpriv --pdeathsig TERM timeout --kill-after=10 "${VM_TIMEOUT:-600}" \
    "${machine[@]}" -accel tcg,thread=multi -cpu max -smp 1 -m "$memory" \
    -nodefaults -no-user-config -display none -serial stdio -no-reboot "${drive[@]}" \
    -kernel "$kernel"/boot/vmlinuz-* -initrd "target/vm/$guest-$release.gz" \
    -append "console=$console panic=-1 quiet loglevel=3 no_timer_check GUEST=$guest RELEASE=$release \
      STAGE=$1 MARKER_SEED=$seed $append ${boots[number]}" \
    </dev/null | stdbuf -oL tr -d '\r'
}

# Not in the foreground, where a signal would be heard after QEMU's end only. QEMU ends with
# the shell that started it.
boot() { # boot STAGE
  qemu "$1" &
  wait $!
}

# What the guest left open is on its disk; the program that left it knows how to look.
look_at_disk() { # behind `||`, where a failure inside would not end it
  vm/static.sh amd64 examples/guest "$name.judge" --package stayput-prove --example guest &&
    "$name.judge" judge "$name.img" "$seed" <"$stage_log"
}

start=$SECONDS verdict=passed
for stage in $stages; do
  boot "$stage" >"$stage_log" || verdict="failed (qemu: $?)"
  if grep -q '^SEEN ' "$stage_log"; then
    look_at_disk >>"$stage_log" || verdict="failed (disk not judged)"
  fi
  cat "$stage_log" >>"$name.log"
done
[ "$verdict" != passed ] || grep -qx 'GUEST ENDED 0' "$stage_log" || verdict=failed

printf '%-14s %-6s %5d s  %-8s %s  %s\n' \
  "$guest" "$release" $((SECONDS - start)) "$verdict" "$name.log" "${boots[number]}"
[ "$verdict" = passed ] || tail -n 40 "$name.log"
cargo --quiet xtask vm collect "$guest" "$release" $((SECONDS - start)) "$verdict" \
  <"$name.log" >"$name.json"
