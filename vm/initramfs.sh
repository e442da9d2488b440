#!/usr/bin/env bash
# vm/initramfs.sh OUT KERNEL GUEST RELEASE MODULES   packs a guest's root: busybox, modules, guest
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=vm/debian.sh
source vm/debian.sh

out=$PWD/$1 kernel=$2 guest=vm/guests/$3 release=$4 modules=$5
root=$(mktemp -d) && chmod 755 "$root" # every user of the guest starts there
trap 'rm -rf "$root"' EXIT

mkdir "$root"/{bin,dev,proc,sys,tmp,modules}
install -m 755 vm/init "$root/init"
busybox=/bin/busybox
[ "$(arch_of "$release")" = amd64 ] || busybox=$(vm/userland.sh "$(arch_of "$release")")$busybox
install -m 755 "$busybox" "$guest/guest" "$root/bin/"
for applet in $(busybox --list); do
  [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
done

number=10
for module in $modules; do
  file=$(find "$kernel/lib/modules" -name "$module.ko" -o -name "$module.ko.xz")
  case $file in
    *.xz) xz --decompress --stdout "$file" >"$root/modules/$number-$module.ko" ;;
    *.ko) cp "$file" "$root/modules/$number-$module.ko" ;;
    *) echo "no module $module in $kernel" >&2; exit 1 ;;
  esac
  number=$((number + 1))
done

"$guest/prepare" "$root" "$release"
(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1) >"$out"
