//! Whole locked pages.
//!
//! Two ways to have them:
//! - [`LockedPages`]: a mapping between guard pages, owned, with a policy and a
//!   report.
//! - The surface of the published crate `bitcoin-locked-page-allocator`, under
//!   its names: raw allocators behind traits. Replace its path by
//!   `stayput::page::*`.
//!
//! Both names of allocators exist on every platform and use the calls of the
//! system they run on, so code behind `#[cfg(unix)]` or `#[cfg(windows)]`
//! compiles as it did and code without needs no `cfg`.
//!
//! ```
//! use stayput::page::*;
//!
//! let mut allocator = PosixLockedPageAllocator::default();
//! let mut locking_success = false;
//! let pages = allocator.allocate_locked(64, &mut locking_success);
//! assert!(!pages.is_null());
//! allocator.free_locked(pages, 64);
//! ```

mod allocator;
mod builder;
mod canary;
mod end;
mod file_backed;
mod guarded;
pub(crate) mod hardening;
mod locked_buf;
mod locked_pages;
mod populate;
mod traits;
mod zero_init;

pub use allocator::{PosixLockedPageAllocator, Win32LockedPageAllocator};
pub use builder::{
    InvalidPageSize, PosixLockedPageAllocatorBuilder, Win32LockedPageAllocatorBuilder,
};
pub(crate) use end::end_process;
pub(crate) use file_backed::{back_by_file, write_back};
pub(crate) use guarded::{GuardedPlace, SharedAccess, SoleAccess};
pub use locked_buf::LockedBuf;
pub use locked_pages::LockedPages;
pub(crate) use populate::HUGE;
pub use traits::{AllocateLocked, FreeLocked, GetLimit, LockedPageAllocator};
pub use zero_init::{Plain, ZeroInit};
