//! The calls that experiments need beyond the library: swap areas, other
//! processes' memory, fork. One contract, one selector, as in `stayput-sys`.
//!
//! `elsewhere.rs` is the contract in its shortest form. Everything above this
//! module is the same code on every platform.

#[cfg_attr(laboratory, path = "os/linux.rs")]
#[cfg_attr(not(laboratory), path = "os/elsewhere.rs")]
mod imp;

pub(crate) use imp::{
    Tracer, Window, allow_tracers, create_dir, create_file, in_fork_child, is_refusal, kill,
    leave_terminal, open_direct, page_out, read_process, swap_off, swap_on, tie_to_parent,
    unavailable,
};

/// What an error number is called, for evidence that people can look up.
pub(crate) fn errno(error: &std::io::Error) -> String {
    match error.raw_os_error() {
        Some(1) => "EPERM".to_owned(),
        Some(3) => "ESRCH".to_owned(),
        Some(5) => "EIO".to_owned(),
        Some(12) => "ENOMEM".to_owned(),
        Some(13) => "EACCES".to_owned(),
        Some(14) => "EFAULT".to_owned(),
        Some(22) => "EINVAL".to_owned(),
        Some(38) => "ENOSYS".to_owned(),
        Some(_) | None => error.to_string(),
    }
}
