//! What to do where locking is impossible.

use std::path::PathBuf;

/// What to do where memory can't be locked.
///
/// Whatever the policy, memory is wiped, guarded and excluded from dumps as far
/// as the system can; what it could not do stands in the value's
/// [`Protection`](super::Protection).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Policy {
    /// Locked, or an error that names the cause.
    #[default]
    Require,
    /// Locked where possible; otherwise handed out unlocked and reported so.
    Prefer,
    /// Not locked at all.
    Off,
    /// Locked where possible. Otherwise backed by a file in `dir`: the content reaches
    /// that disk at once or later, instead of whatever swap there is, and is
    /// overwritten there when its owner is dropped.
    ///
    /// The file has no name, is this user's alone (mode 0600), and is overwritten with
    /// zeros and synced before it is unmapped. It is for a `dir` on an encrypted disk,
    /// beside swap that is not; it is no lock, and reported so
    /// ([`file_backed`](super::Protection::file_backed) is `Yes`, `locked` is `No`).
    /// The first use of each directory is a warning that names it, where the `tracing`
    /// feature is on. [`Policy::warning`] has the text.
    ///
    /// What overwriting does not reach: the blocks of a process that was killed, ended
    /// without dropping, or lost power; earlier blocks on file systems that write
    /// elsewhere (btrfs, ZFS), in snapshots, in a journal of data, and in flash.
    ///
    /// A fork child does not get the pages: reading them there is a fault. Each
    /// allocation that grows, and each drop, waits for the disk. An error that names
    /// directory and cause is returned where `dir` is missing, full, not writable, or
    /// in memory (tmpfs), and on Windows, which offers no such mapping.
    ///
    /// ```
    /// # fn main() -> Result<(), stayput::LockError> {
    /// use stayput::{Policy, Pool, SecretBytes};
    /// let policy = Policy::FileBacked { dir: "/var/lib/keys".into() };
    /// let pool = Pool::builder().policy(policy).build();
    /// let key = SecretBytes::try_init_with_in(32, |place| place.fill(7), &pool)?;
    /// let protection = key.protection();
    /// assert!(protection.locked.is_yes() || protection.file_backed.is_yes());
    /// # Ok(()) }
    /// ```
    FileBacked {
        /// Where the files are made, and nowhere else.
        dir: PathBuf,
    },
}

impl Policy {
    /// What whoever chose this policy should know, for a log or a person; `None` where
    /// nothing reaches a disk by its doing.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let Self::FileBacked { dir } = self else {
            return None;
        };
        Some(format!(
            "memory that can't be locked is backed by files without a name in {}: secrets are \
             written to that disk, and overwritten there when they are dropped, not when the \
             process is killed",
            dir.display()
        ))
    }
}
