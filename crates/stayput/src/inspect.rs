//! What the kernel says about a process's memory: the observer beside every
//! claim of this crate.
//!
//! ```
//! # if !std::path::Path::new("/proc/self/smaps").exists() || cfg!(windows) { return }
//! use stayput::inspect::{self, Flag};
//! let locked: u64 = inspect::mappings(inspect::Process::Current)
//!     .expect("one's own mappings are readable")
//!     .iter()
//!     .filter(|mapping| mapping.has(Flag::Locked))
//!     .map(|mapping| mapping.len())
//!     .sum();
//! println!("{locked} bytes lie in locked mappings");
//! ```

mod flag;
mod process;
mod processes;
mod smaps;
mod snapshot;
mod threads;
mod totals;

pub use flag::Flag;
pub use process::Process;
pub use processes::{ProcessName, find, name_of};
pub use smaps::{Mapping, mappings};
pub use snapshot::{Snapshot, Totals};
pub use threads::{Thread, threads};
pub use totals::{locked_bytes, total_bytes};
