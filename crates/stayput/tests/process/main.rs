//! `stayput::process`: what it says against what the kernel shows. Every test
//! runs in a process of its own.
//!
//! Not on Windows: there is no mlockall.
#![cfg(unix)]

#[path = "../support/memory_group.rs"]
mod memory_group;
#[path = "../support/observe.rs"]
mod observe;
#[path = "../support/own_process.rs"]
mod own_process;
#[path = "../support/seccomp.rs"]
mod seccomp;

mod kernel;

mod cgroup;
mod charges;
mod guards;
mod locking;
mod plan;
mod refusals;
mod swap_daemon;
mod verify;
