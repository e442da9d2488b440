//! The documents this library follows: for each of their code blocks, the same
//! calls with the same names and types, and what the kernel shows afterwards.

#[path = "../support/observe.rs"]
mod observe;
#[path = "../support/own_process.rs"]
mod own_process;

mod duende_mlock;
