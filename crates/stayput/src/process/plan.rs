//! What locking the process would do, before it is done.

use super::MlockConfig;
use crate::inspect::{self, Flag, Mapping, Process};
use crate::limits::{
    Budget, Capability, Cause, LockError, Operation, Raising, headroom, process_is_locked, raising,
};
use stayput_sys::errno::{EINVAL, ENOMEM, EPERM};
use stayput_sys::limits::UNLIMITED;
use stayput_sys::page_size;
use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::fmt;
use std::io;

/// A thread as Rust's standard library starts it: 2 MiB, and its guard page.
const THREAD_STACK: u64 = 2 << 20;

/// What `mlockall` would charge, at one moment. Sizes in bytes.
///
/// The kernel compares *everything mapped* (`total_vm`) with the limit: thread
/// stacks whole, reservations that nobody can access, files. It then charges all
/// of it except what it never locks (its own mappings, devices, huge pages).
#[derive(Clone, Debug)]
pub struct Plan {
    config: MlockConfig,
    total: u64,
    exempt: u64,
    reserved: u64,
    arriving: u64,
    stacks: ThreadStacks,
    budget: Budget,
    raises_to: Option<u64>,
    growth: u64,
}

/// The stacks among the mappings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ThreadStacks {
    /// Threads of the process.
    pub threads: usize,
    /// Those whose stack was found: the kernel tells where waiting threads are,
    /// not running ones.
    pub located: usize,
    /// Size of the stacks found, guards not included.
    pub bytes: u64,
}

impl Plan {
    /// Looks at the process as it is now. Takes as long as reading its smaps.
    ///
    /// # Errors
    /// `NotFound` where there is no `/proc`; otherwise as
    /// [`inspect::mappings`].
    pub fn for_lock_all(config: impl Borrow<MlockConfig>) -> io::Result<Self> {
        // The lock's own bookkeeping is a page, mapped at first use: before the count.
        let _ = process_is_locked();
        let mappings = inspect::mappings(Process::Current)?;
        let sum = |which: fn(&Mapping) -> bool, size: fn(&Mapping) -> u64| -> u64 {
            mappings.iter().filter(|&m| which(m)).map(size).sum()
        };
        let mut plan = Self {
            config: *config.borrow(),
            exempt: sum(is_exempt, Mapping::len),
            reserved: sum(Mapping::is_inaccessible, Mapping::len),
            arriving: sum(is_private_and_lockable, |m| {
                m.len() - m.resident.min(m.len())
            }),
            stacks: thread_stacks(&mappings)?,
            budget: Budget::current(),
            raises_to: None,
            growth: THREAD_STACK + page_size() as u64,
            // Last: reading the above may have grown the heap.
            total: inspect::total_bytes(Process::Current)?,
        };
        plan.decide_on_raising();
        Ok(plan)
    }

    /// With `bytes` as what the process is expected to map later, instead of one
    /// thread's stack of 2 MiB.
    #[must_use]
    pub fn expecting_growth(mut self, bytes: u64) -> Self {
        self.growth = bytes;
        self.decide_on_raising();
        self
    }

    /// Refuses a lock that would fail, that the memory control group would
    /// answer by a kill, or under which the process could not grow.
    ///
    /// # Errors
    /// [`LockError`] with the cause; it has no error number, since no call was
    /// made.
    pub fn check(&self) -> Result<(), LockError> {
        match self
            .refusal()
            .or_else(|| self.kill())
            .or_else(|| self.standstill())
        {
            Some(cause) => Err(refused(cause)),
            None => Ok(()),
        }
    }

    /// Everything mapped (`total_vm`).
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        self.total
    }

    /// `VmLck` after the call.
    #[must_use]
    pub fn locked_bytes(&self) -> u64 {
        if self.config.current() && self.errno().is_none() {
            self.total.saturating_sub(self.exempt)
        } else {
            self.held()
        }
    }

    /// What the kernel never locks, and so does not charge.
    #[must_use]
    pub fn exempt_bytes(&self) -> u64 {
        self.exempt
    }

    /// Reservations (`PROT_NONE`): charged, though no page is brought in.
    #[must_use]
    pub fn reserved_bytes(&self) -> u64 {
        self.reserved
    }

    /// Private memory that the call brings in: at least so much more is in use
    /// afterwards.
    #[must_use]
    pub fn arriving_bytes(&self) -> u64 {
        if self.config.current() && !self.config.onfault() {
            self.arriving
        } else {
            0
        }
    }

    /// The threads' stacks.
    #[must_use]
    pub fn thread_stacks(&self) -> ThreadStacks {
        self.stacks
    }

    /// The limit that the kernel will apply, in whole pages; `None` for none.
    #[must_use]
    pub fn limit(&self) -> Option<u64> {
        self.effective_limit().map(whole_pages)
    }

    /// What [`lock_report`](super::lock_report) will raise the soft limit to
    /// ([`u64::MAX`] for no limit); `None` where it won't.
    #[must_use]
    pub fn raises_to(&self) -> Option<u64> {
        self.raises_to
    }

    /// How much more may be locked afterwards: by later mappings under `future`,
    /// by the first thread's stack in any case. `None` for no bound.
    #[must_use]
    pub fn room(&self) -> Option<u64> {
        self.limit()
            .map(|limit| limit.saturating_sub(self.locked_bytes()))
    }

    /// What the process is expected to map later.
    #[must_use]
    pub fn growth(&self) -> u64 {
        self.growth
    }

    /// The error number that the call would give; `None` for success.
    #[must_use]
    pub fn errno(&self) -> Option<i32> {
        let flags = self.config.flags();
        if flags == 0 {
            return None;
        }
        if !self.config.current() && !self.config.future() {
            return Some(EINVAL);
        }
        match self.effective_limit() {
            Some(0) => Some(EPERM),
            Some(limit) if self.compared() > whole_pages(limit) => Some(ENOMEM),
            _ => None,
        }
    }

    /// Whether the process would be locked but could not grow as expected.
    #[must_use]
    pub fn is_tight(&self) -> bool {
        self.standstill().is_some()
    }

    /// An error if the memory control group has less room than the call fills:
    /// past it the kernel kills.
    pub(super) fn refuse_kill(&self) -> Result<(), LockError> {
        self.kill().map_or(Ok(()), |cause| Err(refused(cause)))
    }

    /// What the kernel compares with the limit.
    fn compared(&self) -> u64 {
        if self.config.current() { self.total } else { 0 }
    }

    fn held(&self) -> u64 {
        self.budget.held.unwrap_or(0)
    }

    /// The soft limit, where it applies.
    fn soft(&self) -> Option<u64> {
        let applies = self.budget.capability != Capability::Effective;
        self.budget.soft.filter(|_| applies)
    }

    /// In bytes, as it will be set.
    fn effective_limit(&self) -> Option<u64> {
        match self.raises_to {
            Some(UNLIMITED) => None,
            Some(raised) => Some(raised),
            None => self.soft(),
        }
    }

    fn refusal(&self) -> Option<Cause> {
        let errno = self.errno()?;
        let held = self.held();
        let needed = self.compared().saturating_sub(held);
        let limit = self.effective_limit().unwrap_or(UNLIMITED);
        Some(match (errno, self.budget.capability) {
            (EINVAL, _) => Cause::InvalidFlags,
            (_, Capability::WithoutEffect) => Cause::CapabilityWithoutEffect {
                held,
                limit,
                needed,
            },
            (EPERM, _) => Cause::NoCapability,
            _ => Cause::LimitReached {
                held,
                limit,
                needed,
            },
        })
    }

    fn kill(&self) -> Option<Cause> {
        let needed = self.arriving_bytes();
        let headroom = headroom().filter(|&headroom| headroom < needed)?;
        Some(Cause::MemoryCgroup { headroom, needed })
    }

    fn standstill(&self) -> Option<Cause> {
        let (room, limit) = (self.room()?, self.limit()?);
        let locks = self.config.future() && self.errno().is_none();
        (locks && room < self.growth).then(|| Cause::NoRoomToGrow {
            locked: self.locked_bytes(),
            limit,
            needed: self.growth,
        })
    }

    /// The soft limit is raised where the call needs it, or what comes later
    /// does; not where it would not even help the call.
    fn decide_on_raising(&mut self) {
        self.raises_to = None;
        let short = self.errno().is_some() || self.is_tight();
        if self.config.flags() == 0 || !short || raising() == Raising::Forbidden {
            return;
        }
        let hard = self.budget.hard.unwrap_or(UNLIMITED);
        if self.soft().is_some_and(|soft| soft < hard) {
            self.raises_to = Some(hard);
            if self.errno().is_some() {
                self.raises_to = None;
            }
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} bytes mapped ({} reserved, {} in {} of {} thread stacks, {} never locked), {} \
             bytes locked afterwards, ",
            self.total,
            self.reserved,
            self.stacks.bytes,
            self.stacks.located,
            self.stacks.threads,
            self.exempt,
            self.locked_bytes(),
        )?;
        match (self.limit(), self.room()) {
            (Some(limit), Some(room)) => write!(f, "limit {limit} bytes, room {room} bytes"),
            _ => f.write_str("no limit"),
        }?;
        match self.check() {
            Ok(()) => Ok(()),
            Err(error) => write!(f, ": {}", error.cause()),
        }
    }
}

fn refused(cause: Cause) -> LockError {
    LockError::new(Operation::LockProcess, None, None, cause)
}

fn whole_pages(bytes: u64) -> u64 {
    bytes - bytes % page_size() as u64
}

/// Counted in `total_vm`, never charged. Secret memory that is flagged is passed over too,
/// but was charged when it was mapped.
fn is_exempt(mapping: &Mapping) -> bool {
    mapping.is_exempt_from_locking() && !mapping.is_gate()
}

fn is_private_and_lockable(mapping: &Mapping) -> bool {
    mapping.has(Flag::Writable) && !mapping.has(Flag::Shared) && !is_exempt(mapping)
}

fn thread_stacks(mappings: &[Mapping]) -> io::Result<ThreadStacks> {
    let threads = inspect::threads(Process::Current)?;
    let mut found = BTreeSet::new();
    for pointer in threads.iter().filter_map(|thread| thread.stack_pointer) {
        let above = mappings.partition_point(|mapping| mapping.end <= pointer);
        found.extend(
            mappings
                .get(above)
                .filter(|m| m.contains(pointer))
                .map(|_| above),
        );
    }
    Ok(ThreadStacks {
        threads: threads.len(),
        located: found.len(),
        bytes: found.iter().map(|&index| mappings[index].len()).sum(),
    })
}
