//! What stands between a program and its locks: limits, capabilities, causes
//! and remedies; the policies and reports that the rest of the crate shares.
//!
//! ```
//! let budget = stayput::limits::Budget::current();
//! println!("may lock {:?} more bytes", budget.available());
//! ```

mod budget;
mod cause;
mod cgroup;
mod diagnose;
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
pub(crate) use diagnose::{beyond, diagnose, diagnose_process};
pub(crate) use raise::{raise, raise_for};
pub(crate) use whole_process::{
    Share, give_back, pin_process, process_is_locked, share_process, unlock_process,
};
