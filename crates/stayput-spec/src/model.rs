//! The contract as a model: what the kernel will do with one address space.
//!
//! [`AddressSpace`] holds what the mlock family can see of a process (mappings,
//! `locked_vm`, `total_vm`, limit, capability, the `MCL_FUTURE` default) and
//! predicts for each call the result, the errno by precedence, the partial
//! effects, `VmLck`, the lock flags of every page, and which pages are resident
//! where that is determined. It is pure data: no system call, no dependency.
//!
//! Each fact that it relies on is a [`Rule`], so that a run against a kernel can
//! flip one and show that it would have noticed.
//!
//! ```
//! use stayput_spec::model::{AddressSpace, Errno, Kind, Lock, MapRequest, Protection};
//!
//! let mut space = AddressSpace::new(4096);
//! let place = 0x10_0000;
//! let anonymous = MapRequest::new(place, 2 * 4096, Protection::READ_WRITE, Kind::Anonymous);
//! assert_eq!(space.mmap(&anonymous).result, Ok(place));
//!
//! // The third page is a hole: an error, yet the two before it stay locked.
//! assert_eq!(space.mlock(place, 3 * 4096).result, Err(Errno::Enomem));
//! assert_eq!(space.locked_bytes(), 2 * 4096);
//! assert_eq!(space.lock_at(place), Some(Lock::Locked));
//! ```
//!
//! Source: Linux 6.18 `mm/mlock.c`, `mm/mmap.c`, `mm/vma.c`, `mm/mremap.c`,
//! `mm/mprotect.c`, `mm/madvise.c`, `mm/gup.c`, each fact confirmed on a running
//! kernel. What is left out: memory cgroups, `RLIMIT_AS`, `vm.max_map_count`,
//! memory pressure, protection keys, `userfaultfd` and `mseal`.

mod advise;
mod call;
mod case;
mod lock;
mod map;
mod mapping;
mod outcome;
mod populate;
mod process;
mod protect;
mod remap;
mod rule;
mod space;
mod transfer;
mod words;

pub use call::Call;
pub use case::Case;
pub use map::{MapRequest, Placement};
pub use mapping::{Mapping, Residency};
pub use outcome::{Outcome, Prediction};
pub use remap::RemapRequest;
pub use rule::{Rule, Rules};
pub use space::AddressSpace;
pub use words::{Advice, Errno, FileId, Kind, Limit, Lock, Protection};
pub use words::{
    MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT, MLOCK_ONFAULT, MREMAP_DONTUNMAP, MREMAP_FIXED,
    MREMAP_MAYMOVE,
};
