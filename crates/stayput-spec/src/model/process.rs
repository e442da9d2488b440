//! `fork`, `execve`, `setrlimit`, and giving the capability up.
//!
//! Source: `kernel/fork.c`, `mm/mmap.c` (`dup_mmap`), `kernel/sys.c`.

use super::case::Case;
use super::mapping::Residency;
use super::outcome::Outcome;
use super::rule::Rule;
use super::space::AddressSpace;
use super::words::{Errno, Kind, Limit, Lock};

impl AddressSpace {
    /// Becomes the address space of a fork child.
    pub fn fork(&mut self) -> Outcome {
        if self.holds(Rule::ForkEndsFuture) {
            if self.future.is_locked() {
                self.note(Case::ForkEndedFuture);
            }
            self.future = Lock::Unlocked;
        }
        if self.holds(Rule::ForkClearsLocks) {
            if self.locked_vm > 0 {
                self.note(Case::ForkCleared);
            }
            self.locked_vm = 0;
        }
        for index in 0..self.mappings.len() {
            self.inherit(index);
        }
        self.finish(Ok(0))
    }

    /// Becomes the address space of a new program, of whose mappings nothing is
    /// known yet. Limit and capability stay.
    pub fn exec(&mut self) -> Outcome {
        if self.holds(Rule::ExecClearsLocks) {
            if self.locked_vm > 0 {
                self.note(Case::ExecCleared);
            }
            self.locked_vm = 0;
        }
        if self.holds(Rule::ExecEndsFuture) {
            self.future = Lock::Unlocked;
        }
        self.mappings.clear();
        self.files.clear();
        self.finish(Ok(0))
    }

    /// `setrlimit(RLIMIT_MEMLOCK, limit)`: locks above a lowered limit stay.
    pub fn setrlimit(&mut self, limit: Limit) -> Outcome {
        let result = if limit.soft > limit.hard {
            Err(Errno::Einval)
        } else if limit.hard > self.limit.hard && !self.may_raise_hard {
            Err(Errno::Eperm)
        } else {
            self.limit = limit;
            Ok(0)
        };
        self.finish(result)
    }

    /// Gives `CAP_IPC_LOCK` up: locks that exceed the limit stay.
    pub fn drop_capability(&mut self) -> Outcome {
        self.capability = false;
        self.finish(Ok(0))
    }

    fn inherit(&mut self, index: usize) {
        let clears = self.holds(Rule::ForkClearsLocks);
        let mapping = &mut self.mappings[index];
        if clears {
            mapping.lock = Lock::Unlocked;
        }
        let droppable = mapping.kind == Kind::Droppable;
        for slot in &mut mapping.residency {
            *slot = match *slot {
                // Wiped on fork.
                _ if droppable => Residency::Absent,
                // A zero page is copied only along with pages that were written.
                Residency::Read => Residency::Unknown,
                other => other,
            };
        }
        if clears {
            self.parted(index);
        }
    }
}
