//! Turning reserved pages into protected memory, and back.

use super::config::{Backing, Config, OnFork};
use crate::limits::{
    LockError, Operation, Policy, Protection, Status, count_drop_error, diagnose, raise_for,
    refuse_beyond_headroom,
};
use crate::page::hardening::{Hardening, harden, harden_for_children, prefer_huge_pages};
use crate::page::{back_by_file, write_back};
use crate::region::{adopt_pages, forget_pages, lock_pages, unlock_pages};
use crate::trace::event;
use stayput_sys::{PageRange, map};
use std::io;

/// What the system granted for a committed page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Granted {
    /// Ordinary memory: not locked.
    #[default]
    Unlocked = 0,
    /// Of a file, instead of locked.
    File,
    /// Locked.
    Locked,
    /// `memfd_secret`: always locked.
    Secret,
}

impl Granted {
    pub(super) fn is_locked(self) -> bool {
        matches!(self, Self::Locked | Self::Secret)
    }
}

/// Commits and decommits the pages of one arena.
#[derive(Debug)]
pub(super) struct Mapper {
    policy: Policy,
    backing: Backing,
    on_fork: OnFork,
    hardening: Hardening,
}

impl Mapper {
    /// Advises the system about reserved pages before any of them is touched:
    /// pages whose flags are set later never merge with their neighbours.
    pub(super) fn new(config: &Config, reserved: PageRange) -> Self {
        Self {
            policy: config.policy.clone(),
            backing: config.backing,
            on_fork: config.on_fork,
            hardening: advise(reserved, config.on_fork),
        }
    }

    /// Commits reserved pages; under `Policy::Require` locked or not at all.
    pub(super) fn commit(&self, range: PageRange) -> Result<Granted, LockError> {
        match (&self.policy, self.backing) {
            (Policy::Off, _) => plain(range).map(|()| Granted::Unlocked),
            (_, Backing::Locked) => self.commit_locked(range),
            (policy, Backing::SecretMem) => match commit_secret(range) {
                Ok(()) => Ok(Granted::Secret),
                Err(error) if *policy == Policy::Require => Err(error),
                Err(error) => {
                    event!(
                        warn,
                        error = error,
                        "no secret memory: locked memory instead"
                    );
                    self.commit_locked(range)
                }
            },
        }
    }

    fn commit_locked(&self, range: PageRange) -> Result<Granted, LockError> {
        plain(range)?;
        let error = match lock_pages(range) {
            Ok(lock) => {
                lock.into_pages();
                return Ok(Granted::Locked);
            }
            Err(error) => error,
        };
        match &self.policy {
            Policy::FileBacked { dir } if self.may_back_by_files() => {
                let backed = back_by_file(range, dir, &error);
                backed.map(|()| Granted::File).inspect_err(|_| {
                    advise(range, self.on_fork);
                })
            }
            Policy::Require | Policy::FileBacked { .. } => {
                // Refused, it is counted; the pages are reserved for the arena
                // in any case and tried again at the next growth.
                self.decommit(range, Granted::Unlocked);
                Err(error)
            }
            Policy::Prefer | Policy::Off => {
                event!(warn, error = error, "memory is handed out unlocked");
                Ok(Granted::Unlocked)
            }
        }
    }

    /// Whether files stand in for locks: not where fork children need the pages.
    pub(super) fn may_back_by_files(&self) -> bool {
        matches!(self.policy, Policy::FileBacked { .. }) && self.on_fork == OnFork::Wipe
    }

    /// Gives the pages' memory back, still reserved and advised; their lock ends with it.
    /// `false` where the system refuses: they stay committed and locked as they are.
    pub(super) fn decommit(&self, range: PageRange, granted: Granted) -> bool {
        if granted == Granted::File {
            write_back(range);
        }
        // SAFETY: the pages are reserved by the arena, and free: nobody uses
        // their content.
        if let Err(error) = unsafe { map::decommit(range) } {
            count_drop_error();
            event!(error, error = error, "a pool's pages were not given back");
            return false;
        }
        if granted.is_locked() {
            forget_pages(range);
        }
        advise(range, self.on_fork);
        true
    }

    /// Releases the counted lock of committed pages; a file's are written out.
    pub(super) fn unlock(&self, range: PageRange, granted: Granted) {
        match granted {
            Granted::Unlocked => {}
            Granted::File => write_back(range),
            Granted::Locked | Granted::Secret => unlock_pages(range),
        }
    }

    /// The report for memory of which the system granted this much.
    pub(super) fn protection(&self, granted: Granted) -> Protection {
        Protection {
            locked: match self.policy {
                _ if granted.is_locked() => Status::Yes,
                Policy::Off => Status::No("the policy is Off"),
                _ => Status::No("the system refused the lock"),
            },
            dump_excluded: match granted {
                Granted::Secret => Status::Yes,
                _ => self.hardening.dump_excluded,
            },
            fork: match granted {
                Granted::Secret | Granted::File => Status::Yes,
                _ => self.hardening.fork,
            },
            guarded: Status::Yes,
            kernel_unmapped: match (granted, self.backing) {
                (Granted::Secret, _) => Status::Yes,
                (_, Backing::SecretMem) => Status::No("the system refused memfd_secret"),
                (_, Backing::Locked) => Status::No("the backing is Locked, not SecretMem"),
            },
            file_backed: match granted {
                Granted::File => Status::Yes,
                _ => Status::No("anonymous memory"),
            },
        }
    }
}

/// Before the pages are touched, and again when they were given back.
fn advise(range: PageRange, on_fork: OnFork) -> Hardening {
    prefer_huge_pages(range);
    match on_fork {
        OnFork::Wipe => harden(range),
        OnFork::Keep => harden_for_children(range),
    }
}

fn plain(range: PageRange) -> Result<(), LockError> {
    // SAFETY: the pages lie in the arena's reservation and are not committed.
    unsafe { map::commit(range) }.map_err(|error| diagnose(Operation::Map, range, 0, &error))
}

/// Secret memory is charged when it is mapped, so the limit shows there.
fn commit_secret(range: PageRange) -> Result<(), LockError> {
    refuse_beyond_headroom(range)?; // it is filled at once
    let needed = range.len() as u64;
    // SAFETY: the pages lie in the arena's reservation and are not committed.
    let commit = || unsafe { map::commit_secret(range) };
    let committed = match commit() {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock && raise_for(needed) => commit(),
        result => result,
    };
    committed
        .map_err(|error| diagnose(Operation::MapSecret, range, needed, &error))
        .and_then(|()| adopt_pages(range))
        .inspect_err(|_| {
            // SAFETY: nobody uses the pages. A failure leaves them mapped and
            // unused; the arena still counts them as reserved.
            if unsafe { map::decommit(range) }.is_err() {
                count_drop_error();
            }
            advise(range, OnFork::Wipe);
        })
}
