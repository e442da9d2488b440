//! Gives the shared library the name under which programs load it.

use std::env;

/// Raised when a program built against an older header would no longer run.
const ABI: u32 = 0;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |part: &str| env::var(format!("CARGO_CFG_TARGET_{part}")).unwrap_or_default();
    // Windows and wasm know no such name; on macOS it is the installed path.
    let has_soname = target("FAMILY").split(',').any(|family| family == "unix");
    if has_soname && target("VENDOR") != "apple" {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libstayput.so.{ABI}");
    }
}
