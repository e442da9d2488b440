//! `soak SECONDS [SEED]`: pools, pages, region locks and process locking under churn,
//! refused locks, forks, ending threads and memory pressure, checked all along by what
//! the kernel lists. Progress on the standard error stream, the result as JSON on the
//! standard output. `ci/soak.sh` gives it swap and a control group of little memory.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux::main;

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("soak: not supported here: it looks into /proc");
    std::process::exit(2);
}
