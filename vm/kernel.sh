#!/usr/bin/env bash
# vm/kernel.sh RELEASE   unpacks Debian 12's kernel of that release; prints where
set -euo pipefail
# shellcheck source=vm/debian.sh
source "$(dirname "$0")/debian.sh"

release=${1:?expected a kernel release, such as 6.12}
case $release in
  6.1) meta=linux-image-amd64 ;;
  6.12) meta=linux-image-6.12-amd64 ;;
  6.12-arm64 | 6.12-arm64-16k) meta=linux-image-$release ;;
  *) echo "no kernel $release: expected 6.1, 6.12, 6.12-arm64 or 6.12-arm64-16k" >&2; exit 2 ;;
esac

# What the package without a version stands for.
image() {
  local version=${release%%-*} name
  name=$(apt-cache "${apt[@]}" depends --important "$meta" |
    sed -n "s/^ *Depends: \(linux-image-${version//./\\.}\.[^ ]*\)$/\1/p")
  if [ -z "$name" ]; then
    echo "$meta names no linux-image-$version.*: expected Debian 12 with its package lists up to date" >&2
    return 1
  fi
  echo "$name"
}

unpacked "$cache/linux-$release" "$(arch_of "$release")" image
echo "$cache/linux-$release"
