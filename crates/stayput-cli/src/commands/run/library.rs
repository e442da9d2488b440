//! Where the library is that the loader is to bring in.

use anyhow::{Context, Result, bail};
use std::env::{self, consts};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The loader's list of libraries to bring in before a program's own.
pub(super) const VARIABLE: &str = "LD_PRELOAD";
/// Names another library.
const OVERRIDE: &str = "STAYPUT_PRELOAD";
/// As cargo names it, and as it is installed.
const NAMES: [&str; 2] = ["stayput_capi", "stayput"];

/// The library: what `STAYPUT_PRELOAD` names, else beside this program, else in
/// the library directories that belong to where it is installed.
pub(super) fn find() -> Result<PathBuf> {
    if let Some(path) = env::var_os(OVERRIDE).filter(|path| !path.is_empty()) {
        let path = PathBuf::from(path);
        return path.canonicalize().with_context(|| {
            format!("{OVERRIDE}={}: expected the library's path", path.display())
        });
    }
    let program = env::current_exe().context("looking for the library to preload")?;
    let places = places(&program);
    match places.iter().find(|place| place.is_file()) {
        Some(place) => Ok(place.canonicalize()?),
        None => bail!(
            "the library to preload was not found beside {} or in its lib directories (looked \
             for {}): build it (`cargo build --release --package stayput-capi`), install it \
             there, or name it in {OVERRIDE}",
            program.display(),
            NAMES.map(file_name).join(", "),
        ),
    }
}

/// The library first, then what the user preloads besides.
pub(super) fn list(library: &Path) -> Result<OsString> {
    let mut list = library.as_os_str().to_owned();
    let separates = |byte: &u8| byte.is_ascii_whitespace() || *byte == b':';
    if list.as_encoded_bytes().iter().any(separates) {
        bail!(
            "{}: {VARIABLE} can't name a path with spaces or colons; put the library elsewhere \
             and name it in {OVERRIDE}",
            library.display()
        );
    }
    if let Some(rest) = env::var_os(VARIABLE).filter(|rest| !rest.is_empty()) {
        list.push(":");
        list.push(rest);
    }
    Ok(list)
}

fn places(program: &Path) -> Vec<PathBuf> {
    let triple = format!("lib/{}-linux-gnu", consts::ARCH);
    let beside = program.parent().unwrap_or(Path::new("/"));
    let above = beside.parent().unwrap_or(beside);
    let libraries = ["lib", "lib64", &triple].map(|dir| above.join(dir));
    let dirs = [beside.to_owned()].into_iter().chain(libraries);
    dirs.flat_map(|dir| NAMES.map(|name| dir.join(file_name(name))))
        .collect()
}

fn file_name(name: &str) -> String {
    format!("{}{name}{}", consts::DLL_PREFIX, consts::DLL_SUFFIX)
}
