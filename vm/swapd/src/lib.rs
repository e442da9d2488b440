//! What the guest `swap-deadlock` runs: `swapd` serves a block device that holds
//! swap, `hog` makes the kernel use it, `watch` judges one run of both.
#![forbid(unsafe_code)]

pub mod cell;
pub mod locking;
pub mod nbd;
pub mod store;
pub mod ublk;
pub mod watch;
