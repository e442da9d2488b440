//! Where and when it ran, and against which versions.

use anyhow::Result;
use procfs::{CpuInfo, Current, LoadAverage};
use std::fs;
use std::thread::available_parallelism;

/// A list in Markdown.
pub(crate) fn describe(commit: &str, date: &str) -> Result<String> {
    let cores = available_parallelism()?;
    let cpus = CpuInfo::current()?;
    let model = cpus.model_name(0).unwrap_or("unknown processor");
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let huge = fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled")?;
    Ok(format!(
        "- machine: {model}, {cores} cores, Linux {}; transparent huge pages: {}\n\
         - date: {date}; commit: {commit}\n\
         - compared: {}\n",
        kernel.trim(),
        huge.trim(),
        versions().join(", "),
    ))
}

/// Other work on the machine, beside the one process that is measured at a time.
pub(crate) fn load() -> Result<f32> {
    Ok(LoadAverage::current()?.one)
}

/// Why a library is not among those compared.
pub(crate) fn missing() -> Vec<String> {
    LIBRARIES
        .iter()
        .filter(|(_, version)| version.is_empty())
        .map(|(name, _)| format!("{name}: built without it, since pkg-config did not find it"))
        .collect()
}

const LIBRARIES: [(&str, &str); 4] = [
    (
        "libsodium (and the secrets crate)",
        env!("VERSION_LIBSODIUM"),
    ),
    ("OpenSSL", env!("VERSION_OPENSSL")),
    ("libgcrypt", env!("VERSION_LIBGCRYPT")),
    ("Botan", env!("VERSION_BOTAN")),
];

const CRATES: [&str; 7] = [
    "memsec",
    "secrets",
    "region",
    "secmem-alloc",
    "dryoc",
    "zeroize",
    "secrecy",
];

fn versions() -> Vec<String> {
    // SAFETY: it returns a static string.
    let glibc = unsafe { std::ffi::CStr::from_ptr(libc::gnu_get_libc_version()) };
    let glibc = format!("glibc {}", glibc.to_string_lossy());
    let libraries = LIBRARIES.iter().filter(|(_, version)| !version.is_empty());
    let libraries = libraries.map(|(name, version)| format!("{name} {version}"));
    let crates = CRATES
        .iter()
        .filter_map(|name| Some(format!("{name} {}", crate_version(name)?)));
    [glibc].into_iter().chain(libraries).chain(crates).collect()
}

/// From the lock file this program was built with.
fn crate_version(name: &str) -> Option<&'static str> {
    let entry = format!("name = \"{name}\"\nversion = \"");
    let (_, rest) = include_str!("../Cargo.lock").split_once(&entry)?;
    rest.split('"').next()
}
