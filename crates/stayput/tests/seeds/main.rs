//! Programs written for the published systems, moved over by their paths alone.
//!
//! One module for each of them, one test for each code block of its
//! documentation: the same calls, the same names and types, run, and their
//! effect read from the kernel.

#[cfg(unix)]
mod duende_mlock;
mod locked_page_allocator;
#[path = "../support/observe.rs"]
mod observe;
#[path = "../support/own_process.rs"]
mod own_process;
