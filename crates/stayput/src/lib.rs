//! Memory that stays put: out of swap, out of core dumps, out of other
//! processes, out of reach after use.
//!
//! | module | for |
//! |---|---|
//! | [`secret`] | [`Secret`], [`SecretBytes`], [`SecretString`], [`Guarded`]: keys and passwords |
//! | [`pool`] | the locked allocator below them, for collections of your own |
//! | [`page`] | whole locked pages, with guards or by a raw allocator |
//! | [`region`] | locking a buffer you already have, with locks that stack |
//! | [`process`] | a whole process that stays in memory |
//! | [`limits`] | why a lock failed and what to do; policies and reports |
//! | [`inspect`] | what the kernel says about a process's mappings |
//!
//! ```
//! use stayput::Secret;
//!
//! # fn main() -> Result<(), stayput::LockError> {
//! let key = Secret::<[u8; 32]>::try_init_with(|place| {
//!     place[0] = 1; // filled in place: no copy elsewhere
//! })?;
//! assert_eq!(key.expose()[0], 1);
//! assert!(key.protection().locked.is_yes());
//! # Ok(()) } // wiped here
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(stayput_nightly, feature(allocator_api))]

#[forbid(unsafe_code)]
mod input;
#[forbid(unsafe_code)]
pub mod inspect;
#[forbid(unsafe_code)]
pub mod limits;
pub mod page;
pub mod pool;
#[forbid(unsafe_code)]
pub mod process;
pub mod region;
#[forbid(unsafe_code)]
pub mod secret;
mod trace;

pub use limits::{LockError, Policy, Protection};
pub use pool::{Backing, LockedHeap, Pool};
pub use secret::{Guarded, Plain, Secret, SecretBytes, SecretString, ZeroInit};
#[cfg(feature = "sealed")]
pub use secret::{Sealed, SealedBytes};
pub use stayput_sys::PageRange;

/// The README's code, run as a test.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
mod readme {}
