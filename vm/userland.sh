#!/usr/bin/env bash
# vm/userland.sh ARCH   unpacks what guests of another architecture run; prints where
set -euo pipefail
# shellcheck source=vm/debian.sh
source "$(dirname "$0")/debian.sh"

arch=${1:?expected an architecture, such as arm64}
packages=(
  busybox-static libc6 libgcc-s1
  util-linux libcap-ng0 libsmartcols1                     # prlimit, setpriv, unshare
  e2fsprogs libext2fs2 libcom-err2 libblkid1 libuuid1     # mkfs.ext4
)
unpacked "$cache/userland-$arch" "$arch" echo "${packages[@]}"
echo "$cache/userland-$arch"
