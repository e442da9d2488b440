//! What is not locked after all.

use crate::inspect::{self, Flag, Mapping, Process};
use std::fmt;
use std::io;

/// What the kernel says about every mapping of this process.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Verification {
    /// Bytes in mappings that are locked and hold all their pages, or will not
    /// lose those they get.
    pub locked: u64,
    /// The mappings that are not, or not quite.
    pub unlocked: Vec<Unlocked>,
}

/// A mapping, and why it is not locked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Unlocked {
    /// The mapping.
    pub mapping: Mapping,
    /// Why.
    pub reason: Reason,
}

/// Why a mapping is not locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The kernel's own or a device's (`[vdso]`, `VM_IO`, `VM_PFNMAP`): never
    /// locked, never swapped.
    Special,
    /// Huge pages of hugetlbfs: never locked, never swapped.
    HugeTlb,
    /// Memory of `memfd_secret` on a kernel that does not flag it as locked: never swapped.
    SecretMemory,
    /// The kernel may drop it by the program's wish (`MAP_DROPPABLE`).
    Droppable,
    /// Nothing may access it (`PROT_NONE`). It counts as locked, but what is in
    /// swap stays there.
    Inaccessible,
    /// Flagged as locked, but not all of it is in memory: locked on fault (which kernels
    /// before 6.2 do not tell apart), past the end of its file, or dropped since
    /// (`MADV_DONTNEED_LOCKED`). Pages are locked as they are touched.
    OnFault,
    /// Locked by nobody: mapped after the lock, unlocked since, or never locked.
    NotLocked,
}

impl Reason {
    /// Whether pages of such a mapping can be in swap, or go there.
    #[must_use]
    pub fn is_swappable(self) -> bool {
        self == Self::NotLocked
    }
}

impl Verification {
    /// Whether nothing of this process can be in swap, or go there.
    #[must_use]
    pub fn holds(&self) -> bool {
        !self
            .unlocked
            .iter()
            .any(|unlocked| unlocked.reason.is_swappable() || unlocked.mapping.swapped > 0)
    }
}

/// Looks at every mapping of this process (`VmFlags` in smaps).
///
/// # Errors
/// As [`inspect::mappings`].
pub fn verify() -> io::Result<Verification> {
    let mut verification = Verification {
        locked: 0,
        unlocked: Vec::new(),
    };
    for mapping in inspect::mappings(Process::Current)? {
        match reason(&mapping) {
            Some(reason) => verification.unlocked.push(Unlocked { mapping, reason }),
            None => verification.locked += mapping.len(),
        }
    }
    Ok(verification)
}

fn reason(mapping: &Mapping) -> Option<Reason> {
    if mapping.has(Flag::HugeTlb) {
        Some(Reason::HugeTlb)
    } else if mapping.has(Flag::Droppable) {
        Some(Reason::Droppable)
    } else if mapping.is_secret_memory() && !mapping.has(Flag::Locked) {
        Some(Reason::SecretMemory)
    } else if mapping.is_exempt_from_locking() || mapping.is_gate() {
        Some(Reason::Special)
    } else if !mapping.has(Flag::Locked) {
        Some(Reason::NotLocked)
    } else if mapping.is_inaccessible() {
        Some(Reason::Inaccessible)
    } else if mapping.resident < mapping.len() {
        Some(Reason::OnFault)
    } else {
        None
    }
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes locked", self.locked)?;
        self.unlocked
            .iter()
            .try_for_each(|unlocked| write!(f, "\n{unlocked}"))
    }
}

impl fmt::Display for Unlocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.mapping.name.as_str() {
            "" => "anonymous memory",
            name => name,
        };
        write!(f, "{name} ({} bytes): {}", self.mapping.len(), self.reason)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Special => "the kernel's own or a device's; never swapped",
            Self::HugeTlb => "huge pages; never swapped",
            Self::SecretMemory => "secret memory; never swapped",
            Self::Droppable => "droppable; the kernel may discard it",
            Self::Inaccessible => "inaccessible; no page is brought in",
            Self::OnFault => "locked as it is touched",
            Self::NotLocked => "not locked",
        })
    }
}
