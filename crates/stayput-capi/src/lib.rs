//! Stayput for C and whatever speaks C.
//!
//! The interface is `include/stayput.h`, generated from this crate's documentation
//! (`cargo xtask header`); `docs/c.md` is its guide, `cargo xtask install` installs
//! it as `libstayput.so`, `libstayput.a`, `stayput.h` and `stayput.pc`.
//!
//! The same library is what `stayput run` preloads. Loaded into any other program it
//! does nothing by itself: it acts on the environment variable
//! [`stayput::process::preload::VARIABLE`] alone, and not in set-uid programs.
//!
//! Conventions: functions that can fail return a status, write to out-parameters on
//! success only, set `errno`, and keep words for the thread
//! ([`stayput_last_error_text`](last_error::stayput_last_error_text)). Handles are
//! made by `_new` and freed by `_free`, which takes null. Panics stop at the boundary.
//! Policies are the library's own.

mod boundary;
mod environment;
mod failure;
mod handle;
mod live;
mod misuse;
mod own_pages;
mod preload;

// In the header's order.
pub mod secure_memory;

pub mod status;

pub mod last_error;

pub mod policy;

pub mod protection;

pub mod secret;

pub mod guarded;

pub mod pool;

pub mod region;

pub mod process;

pub mod lock_report;

pub mod limits;

pub mod memory;

pub mod raw;

pub mod version;
