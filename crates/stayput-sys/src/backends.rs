//! One contract, one selector, one file per platform.
//!
//! Every backend defines the functions named in `unsupported.rs`, which is the
//! contract in its shortest form; what a platform lacks it re-exports from
//! there. `posix.rs` holds what the Unixes share. Platform `cfg`s stand in this
//! file and below it, nowhere else in the workspace.
//!
//! `--cfg stayput_backend="unsupported"` selects the fallback anywhere, so that
//! it can be tested on a machine that has more.

mod barrier;
#[cfg(any(all(windows, not(stayput_backend = "unsupported")), test))]
mod blocks;
#[cfg(any(all(windows, not(stayput_backend = "unsupported")), test))]
mod quota;
mod unsupported;

#[cfg(all(unix, not(stayput_backend = "unsupported")))]
mod posix;

#[cfg(not(stayput_backend = "unsupported"))]
#[cfg_attr(
    any(target_os = "linux", target_os = "android"),
    path = "backends/linux.rs"
)]
#[cfg_attr(target_vendor = "apple", path = "backends/apple.rs")]
#[cfg_attr(
    any(target_os = "freebsd", target_os = "dragonfly"),
    path = "backends/freebsd.rs"
)]
#[cfg_attr(target_os = "openbsd", path = "backends/openbsd.rs")]
#[cfg_attr(target_os = "netbsd", path = "backends/netbsd.rs")]
#[cfg_attr(
    any(target_os = "solaris", target_os = "illumos"),
    path = "backends/solarish.rs"
)]
#[cfg_attr(windows, path = "backends/windows.rs")]
#[cfg_attr(
    not(any(
        target_os = "linux",
        target_os = "android",
        target_vendor = "apple",
        target_os = "freebsd",
        target_os = "dragonfly",
        target_os = "openbsd",
        target_os = "netbsd",
        target_os = "solaris",
        target_os = "illumos",
        windows
    )),
    path = "backends/elsewhere.rs"
)]
mod native;

/// What `crate::launch` needs: Linux's way of starting programs.
#[cfg_attr(
    all(target_os = "linux", not(stayput_backend = "unsupported")),
    path = "backends/linux/launch.rs"
)]
#[cfg_attr(
    any(not(target_os = "linux"), stayput_backend = "unsupported"),
    path = "backends/unsupported/launch.rs"
)]
pub(crate) mod launch;

/// What `crate::raw` needs: Linux's calls with no value changed on the way.
#[cfg_attr(
    all(
        any(target_os = "linux", target_os = "android"),
        not(stayput_backend = "unsupported")
    ),
    path = "backends/linux/raw.rs"
)]
#[cfg_attr(
    any(
        not(any(target_os = "linux", target_os = "android")),
        stayput_backend = "unsupported"
    ),
    path = "backends/unsupported/raw.rs"
)]
pub(crate) mod raw;

/// What `crate::terminal` needs: all Unixes do it alike.
#[cfg_attr(
    all(unix, not(stayput_backend = "unsupported")),
    path = "backends/posix/terminal.rs"
)]
#[cfg_attr(
    not(all(unix, not(stayput_backend = "unsupported"))),
    path = "backends/unsupported/terminal.rs"
)]
pub(crate) mod terminal;

/// What `crate::map` needs of files: all Unixes do it alike.
#[cfg_attr(
    all(unix, not(stayput_backend = "unsupported")),
    path = "backends/posix/nameless_file.rs"
)]
#[cfg_attr(
    not(all(unix, not(stayput_backend = "unsupported"))),
    path = "backends/unsupported/nameless_file.rs"
)]
pub(crate) mod nameless_file;

/// What `crate::limits` needs of Windows.
#[cfg_attr(
    all(windows, not(stayput_backend = "unsupported")),
    path = "backends/windows/working_set.rs"
)]
#[cfg_attr(
    any(not(windows), stayput_backend = "unsupported"),
    path = "backends/unsupported/working_set.rs"
)]
pub(crate) mod working_set;

/// The backend in use.
pub(crate) mod imp {
    #[cfg(not(stayput_backend = "unsupported"))]
    pub(crate) use super::native::*;
    #[cfg(stayput_backend = "unsupported")]
    pub(crate) use super::unsupported::*;

    /// Whether `/proc/self` can be this process's. A path of that name is an ordinary
    /// one on Windows, and under Wine the directory of Wine's server.
    pub(crate) const HAS_PROC: bool = cfg!(unix);

    /// Whether processes fork: elsewhere children get none of their parent's memory.
    pub(crate) const HAS_FORK: bool = cfg!(unix);

    /// Whether pages that are made inaccessible lose their lock: Windows takes them out
    /// of the working set.
    pub(crate) const INACCESSIBLE_IS_UNLOCKED: bool = cfg!(windows);

    pub(crate) use super::barrier::keep_writes;
    pub(crate) use super::unsupported::unsupported;
}
