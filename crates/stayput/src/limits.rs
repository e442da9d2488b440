//! What stands between a program and its locks: limits, capabilities, causes
//! and remedies; the policies and reports that the rest of the crate shares.
//!
//! ```
//! let budget = stayput::limits::Budget::current();
//! println!("may lock {:?} more bytes", budget.available());
//! ```
//!
//! What would have to be done for a lock of 64 MiB, before it is tried:
//!
//! ```
//! use stayput::limits::{Cause, Remedy, Situation};
//!
//! let situation = Situation::current();
//! let (held, needed) = (situation.budget.held.unwrap_or(0), 64 << 20);
//! if situation.budget.available().is_some_and(|left| left < needed) {
//!     let limit = situation.budget.soft.unwrap_or(u64::MAX);
//!     let cause = Cause::LimitReached { held, limit, needed };
//!     println!("{cause}. {}", Remedy::new(&cause, &situation));
//! }
//! ```

mod backing_file;
mod budget;
mod cause;
mod cgroup;
mod diagnose;
mod drop_errors;
mod environment;
mod error;
mod layout;
mod memory_group;
mod policy;
mod privileges;
mod protection;
mod raise;
mod remedy;
mod situation;
mod status;
mod whole_process;

pub use backing_file::FileProblem;
pub use budget::{Budget, Capability};
pub use cause::Cause;
pub use environment::Environment;
pub use error::{LockError, Operation};
pub use memory_group::{GroupVersion, MemoryGroup};
pub use policy::Policy;
pub use privileges::Privileges;
pub use protection::{Protection, Status};
pub use raise::{Raised, Raising, raised, raising, set_raising};
pub use remedy::{Place, Remedy, Setting, Way};
pub use situation::Situation;

pub(crate) use cgroup::{headroom, refuse_beyond_headroom};
pub(crate) use diagnose::{beyond, diagnose, diagnose_process, out_of_room};
pub(crate) use drop_errors::{count_drop_error, drop_errors};
pub(crate) use raise::{raise, raise_for};
pub(crate) use whole_process::{
    Share, give_back, pin_process, process_is_locked, share_process, unlock_process,
};
