//! Locking a program from inside that knows nothing of it: what a preloaded
//! library is told, what it does before `main`, and what it answers.
//!
//! Locks don't survive exec, so whoever starts a program can't lock it: a library
//! that the loader brings in beside the program's own does (`LD_PRELOAD`). The
//! starter writes [`Orders`] into [`VARIABLE`]; the library reads them, carries
//! them out, and gives each [`Answer`] as a line on the descriptor named there.

mod answer;
mod orders;

pub use answer::Answer;
pub use orders::{Children, Orders};

/// The environment variable that holds the orders.
pub const VARIABLE: &str = "STAYPUT_RUN";
