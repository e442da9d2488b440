#!/usr/bin/env bash
# ci/msrv.sh   type-checks the published libraries with the oldest Rust they promise
#
# Debian's archive has that compiler. It is unpacked into a cache, not
# installed, so that no other step can pick it up.
set -euo pipefail
cd "$(dirname "$0")/.."

msrv=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
cache=${STAYPUT_CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/stayput-ci}
toolchain=$cache/rust-$msrv

unpack() { # unpack DIRECTORY   the compiler and cargo, with the libraries they load
  local debs=$1/debs
  mkdir "$debs"
  apt-get update -qq
  (
    cd "$debs"
    apt-get download -qq -o APT::Sandbox::User=root \
      {rustc-web,libstd-rust-web-dev,"libstd-rust-web-$msrv",cargo-web}="$msrv*" \
      libllvm19 libhttp-parser2.9 libpcre3 libssh2-1
  )
  for deb in "$debs"/*.deb; do
    dpkg-deb --extract "$deb" "$1"
  done
  rm -r "$debs"
}

if [ ! -e "$toolchain/usr/bin/cargo" ]; then
  mkdir -p "$cache"
  fresh=$(mktemp -d "$toolchain.XXXXXX")
  trap 'rm -rf "$fresh"' EXIT
  unpack "$fresh"
  mv "$fresh" "$toolchain"
fi

export PATH=$toolchain/usr/bin:$PATH RUSTC=$toolchain/usr/bin/rustc
export LD_LIBRARY_PATH=$toolchain/usr/lib/x86_64-linux-gnu:$toolchain/lib/x86_64-linux-gnu
unset RUSTUP_TOOLCHAIN
case "$(rustc -V) $(cargo -V)" in
  "rustc $msrv."*" cargo $msrv."*) ;;
  *) echo "not Rust $msrv: $(rustc -V), $(cargo -V)" >&2; exit 1 ;;
esac

rustc -V
cargo check --locked --all-features --target-dir target/msrv \
  --package stayput-sys --package stayput --package stayput-spec --package stayput-doctor
