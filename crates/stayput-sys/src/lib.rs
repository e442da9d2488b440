//! Locked memory, raw: `mlock` and its family under the kernel's own names.
//!
//! The only crate of the workspace that calls the operating system. Its
//! functions are thin: they take what the system call takes, check only what
//! the documentation promises, and return the system's error unchanged.
//! Counting, policies and diagnosis live above, in the `stayput` crate.
//!
//! | module | calls |
//! |---|---|
//! | [`lock`] | `mlock`, `mlock2`, `munlock`, `mlockall`, `munlockall` |
//! | [`advice`] | `madvise`: dump, fork, merge and huge page advice |
//! | [`page`] | the page size, ranges of whole pages |
//! | [`map`] | reserve, commit, protect, release; `memfd_secret` |
//! | [`residency`] | `mincore`, `msync(MS_INVALIDATE)`, `madvise(MADV_COLD)`, `getrusage` |
//! | [`limits`] | `getrlimit`, `setrlimit`, working set, core dump switches |
//! | [`heap`] | `mallopt` |
//! | [`launch`] | starting programs: `exec`, ambient capabilities, signals passed on |
//! | [`process`] | `prctl`, scheduling, fork generation, Windows error mode |
//! | [`raw`] | Linux's mlock family and mappings with unchecked values, for tests of the kernel |
//! | [`terminal`] | echo off, standard input without a buffer |
//! | [`errno`] | the error numbers of locking calls |
//! | [`wipe`] | a `memset` that the compiler keeps |
//!
//! What the published crate `os-memlock` offers stands at the crate root under
//! the same names, on every target. A call that a platform lacks returns
//! [`std::io::ErrorKind::Unsupported`].
//!
//! ```
//! # fn main() -> std::io::Result<()> {
//! let mut key = vec![0u8; 32];
//! // SAFETY: `key` is owned here and outlives both calls.
//! match unsafe { stayput_sys::mlock(key.as_ptr().cast(), key.len()) } {
//!     Ok(()) => {
//!         // … use the key …
//!         key.fill(0); // wipe before unlocking
//!         // SAFETY: as above.
//!         unsafe { stayput_sys::munlock(key.as_ptr().cast(), key.len())? };
//!     }
//!     Err(error) if error.kind() == std::io::ErrorKind::Unsupported => {
//!         eprintln!("the key is not locked: {error}");
//!     }
//!     Err(error) => return Err(error),
//! }
//! # Ok(()) }
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod advice;
mod backends;
mod contract;
pub mod errno;
pub mod heap;
pub mod launch;
pub mod limits;
pub mod lock;
pub mod map;
pub mod page;
pub mod process;
pub mod raw;
pub mod residency;
#[path = "backends/page_size.rs"]
mod system_page_size;
pub mod terminal;
pub mod wipe;

#[doc = include_str!("../docs/overview.md")]
pub mod overview {}

pub use advice::madvise_dontdump;
pub use limits::{
    CoreDumpsDisabledGuard, disable_core_dumps_for_process, disable_core_dumps_with_guard,
};
pub use lock::{mlock, munlock};
pub use page::{PageRange, page_size};
pub use process::{
    SEM_FAILCRITICALERRORS, SEM_NOGPFAULTERRORBOX, SEM_NOOPENFILEERRORBOX, set_windows_error_mode,
    suppress_windows_error_dialogs_for_process,
};
