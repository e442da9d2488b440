//! Tells the nightly compiler from others, for the feature `allocator_api`: it may be on
//! (`--all-features`) where it can have no effect.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(stayput_nightly)");
    if env::var_os("CARGO_FEATURE_ALLOCATOR_API").is_some() && is_nightly() {
        println!("cargo::rustc-cfg=stayput_nightly");
    }
}

fn is_nightly() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output();
    version.is_ok_and(|it| String::from_utf8_lossy(&it.stdout).contains("nightly"))
}
