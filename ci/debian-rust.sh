# To be sourced: Debian's compiler, with the standard library's sources, for other targets and
# for sanitizers. rustup's can be had here without them only.

debian_rust_packages=(rustc-web cargo-web rust-web-src)

debian_rust() { # in a subshell only: elsewhere rustup's stays first on PATH
  export PATH=/usr/bin:/bin:$PATH RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1
  unset RUSTUP_TOOLCHAIN RUSTC_WRAPPER RUSTFLAGS
  local sources
  sources=$(rustc --print sysroot)/lib/rustlib/src/rust/library
  if [ ! -d "$sources" ]; then
    echo "$(rustc -V) has no sources in $sources: install ${debian_rust_packages[*]}" >&2
    exit 1
  fi
  rustc -V
}

# What cargo needs to build the standard library too.
build_std=(-Zbuild-std=std,panic_unwind,test)

debian_rust_for_aarch64() { # likewise
  debian_rust
  export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
}
