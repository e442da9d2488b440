#!/usr/bin/env bash
# vm/kernel.sh RELEASE   unpacks Debian's kernel of that release (6.1, 6.12); prints where
#
# Not installed: unpacked into ~/.cache/stayput-ci (STAYPUT_CI_CACHE moves it), and kept.
set -euo pipefail

case ${1:?expected a kernel release: 6.1 or 6.12} in
  6.1) meta=linux-image-amd64 ;; # of Debian 12
  6.12) meta=linux-image-6.12-amd64 ;;
  *) echo "no kernel $1: expected 6.1 or 6.12" >&2; exit 2 ;;
esac

cache=${STAYPUT_CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/stayput-ci}
kernel=$cache/linux-$1
if [ ! -e "$kernel" ]; then
  mkdir -p "$cache"
  fresh=$(mktemp -d "$kernel.XXXXXX")
  trap 'rm -rf "$fresh"' EXIT
  apt-get update -qq
  package=$(apt-cache depends --important "$meta" | sed -n "s/^ *Depends: \(linux-image-${1//./\\.}\.[^ ]*\)$/\1/p")
  if [ -z "$package" ]; then
    echo "$meta names no linux-image-$1.*: expected Debian 12 with its package lists up to date" >&2
    exit 1
  fi
  (cd "$fresh" && apt-get download -qq -o APT::Sandbox::User=root "$package")
  dpkg-deb --extract "$fresh"/*.deb "$fresh"
  rm "$fresh"/*.deb
  mv "$fresh" "$kernel"
fi
echo "$kernel"
