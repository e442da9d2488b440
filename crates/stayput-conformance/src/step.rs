//! A step of a sequence: a call whose addresses are relative, so that it means
//! the same in every process.

use serde::{Deserialize, Serialize};
use stayput_spec::model::{
    Advice, Call, FileId, Kind, Limit, MapRequest, Protection, RemapRequest,
};
use std::fmt;

/// As the model counts it.
pub(crate) fn page_size() -> u64 {
    stayput_sys::page_size() as u64
}

/// Where a call points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Place {
    /// Bytes from the playground's start.
    At(u64),
    /// Into the n-th mapping of the kernel's own (vdso and its data).
    Special(u64),
    /// An address as it stands.
    Absolute(u64),
}

/// What is mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum What {
    Anonymous,
    Droppable,
    Huge,
    /// Of the file, from this page.
    Private(u64),
    Shared(u64),
    /// Of the secret memory, from this page.
    Secret(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Step {
    Mmap {
        at: u64,
        len: u64,
        prot: u32,
        what: What,
        locked: bool,
        no_replace: bool,
    },
    Munmap(u64, u64),
    Mprotect(u64, u64, u32),
    Mremap {
        at: u64,
        old: u64,
        new: u64,
        flags: u32,
        to: u64,
    },
    /// The position in `Advice::ALL`.
    Madvise(u64, u64, usize),
    Mlock(Place, u64),
    Mlock2(Place, u64, u32),
    Munlock(Place, u64),
    Mlockall(u32),
    Munlockall,
    Fork,
    Exec,
    /// Soft limit; by how much the hard one is raised.
    Setrlimit(u64, u64),
    DropCapability,
}

/// What relative addresses refer to in one process.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) base: u64,
    pub(crate) special: Vec<u64>,
    pub(crate) file: FileId,
    pub(crate) secret: FileId,
    pub(crate) hard: u64,
}

impl World {
    fn address(&self, place: Place) -> u64 {
        match place {
            Place::At(offset) => self.base + offset,
            Place::Special(index) => {
                let count = self.special.len().max(1) as u64;
                let index = usize::try_from(index % count).unwrap_or(0);
                self.special.get(index).copied().unwrap_or(0)
            }
            Place::Absolute(address) => address,
        }
    }

    fn kind(&self, what: What) -> Kind {
        match what {
            What::Anonymous => Kind::Anonymous,
            What::Droppable => Kind::Droppable,
            What::Huge => Kind::HugeTlb,
            What::Private(offset) => Kind::File {
                file: self.file,
                offset,
                shared: false,
            },
            What::Shared(offset) => Kind::File {
                file: self.file,
                offset,
                shared: true,
            },
            What::Secret(offset) => Kind::Secret {
                file: self.secret,
                offset,
            },
        }
    }

    /// The call that a step is in this process.
    pub(crate) fn call(&self, step: &Step) -> Call {
        match *step {
            Step::Mmap {
                at,
                len,
                prot,
                what,
                locked,
                no_replace,
            } => {
                let kind = self.kind(what);
                let request = MapRequest::new(self.base + at, len, protection(prot), kind);
                let request = if locked { request.locked() } else { request };
                Call::Mmap(if no_replace {
                    request.no_replace()
                } else {
                    request
                })
            }
            Step::Munmap(at, len) => Call::Munmap(self.base + at, len),
            Step::Mprotect(at, len, prot) => Call::Mprotect(self.base + at, len, protection(prot)),
            Step::Mremap {
                at,
                old,
                new,
                flags,
                to,
            } => Call::Mremap(RemapRequest {
                addr: self.base + at,
                old_len: old,
                new_len: new,
                flags,
                new_addr: self.base + to,
            }),
            Step::Madvise(at, len, advice) => {
                Call::Madvise(self.base + at, len, Advice::ALL[advice % Advice::ALL.len()])
            }
            Step::Mlock(place, len) => Call::Mlock(self.address(place), len),
            Step::Mlock2(place, len, flags) => Call::Mlock2(self.address(place), len, flags),
            Step::Munlock(place, len) => Call::Munlock(self.address(place), len),
            Step::Mlockall(flags) => Call::Mlockall(flags),
            Step::Munlockall => Call::Munlockall,
            Step::Fork => Call::Fork,
            Step::Exec => Call::Exec,
            Step::Setrlimit(soft, raise) => Call::Setrlimit(Limit {
                soft,
                hard: self.hard.saturating_add(raise),
            }),
            Step::DropCapability => Call::DropCapability,
        }
    }
}

fn protection(bits: u32) -> Protection {
    Protection {
        read: bits & 1 != 0,
        write: bits & 2 != 0,
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Mmap {
                at,
                len,
                prot,
                what,
                locked,
                no_replace,
            } => {
                write!(f, "mmap({}, {}, {}, {what:?}", At(at), Len(len), Prot(prot))?;
                f.write_str(if locked { ", MAP_LOCKED" } else { "" })?;
                f.write_str(if no_replace {
                    ", MAP_FIXED_NOREPLACE)"
                } else {
                    ")"
                })
            }
            Self::Munmap(at, len) => write!(f, "munmap({}, {})", At(at), Len(len)),
            Self::Mprotect(at, len, prot) => {
                write!(f, "mprotect({}, {}, {})", At(at), Len(len), Prot(prot))
            }
            Self::Mremap {
                at,
                old,
                new,
                flags,
                to,
            } => write!(
                f,
                "mremap({}, {}, {}, flags {flags:#x}, to {})",
                At(at),
                Len(old),
                Len(new),
                At(to)
            ),
            Self::Madvise(at, len, advice) => write!(
                f,
                "madvise({}, {}, {:?})",
                At(at),
                Len(len),
                Advice::ALL[advice % Advice::ALL.len()]
            ),
            Self::Mlock(place, len) => write!(f, "mlock({place}, {})", Len(len)),
            Self::Mlock2(place, len, flags) => {
                write!(f, "mlock2({place}, {}, {flags:#x})", Len(len))
            }
            Self::Munlock(place, len) => write!(f, "munlock({place}, {})", Len(len)),
            Self::Mlockall(flags) => write!(f, "mlockall({flags:#x})"),
            Self::Munlockall => f.write_str("munlockall()"),
            Self::Fork => f.write_str("fork(), on in the child"),
            Self::Exec => f.write_str("execve(), on in the new program"),
            Self::Setrlimit(soft, raise) => {
                write!(f, "setrlimit(RLIMIT_MEMLOCK, soft {soft}, hard + {raise})")
            }
            Self::DropCapability => f.write_str("drop CAP_IPC_LOCK"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::At(offset) => At(offset).fmt(f),
            Self::Special(index) => write!(f, "special mapping {index}"),
            Self::Absolute(address) => write!(f, "{address:#x}"),
        }
    }
}

/// An offset in pages and bytes.
struct At(u64);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "page {}", self.0 / page_size())?;
        match self.0 % page_size() {
            0 => Ok(()),
            bytes => write!(f, " + {bytes}"),
        }
    }
}

/// A length, in pages where it is whole.
struct Len(u64);

impl fmt::Display for Len {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 > u64::MAX / 2 {
            write!(f, "-{}", self.0.wrapping_neg())
        } else if self.0 % page_size() == 0 && self.0 > 0 {
            write!(f, "{} pages", self.0 / page_size())
        } else {
            write!(f, "{} bytes", self.0)
        }
    }
}

struct Prot(u32);

impl fmt::Display for Prot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            [
                "PROT_NONE",
                "PROT_READ",
                "PROT_WRITE",
                "PROT_READ|PROT_WRITE",
            ][self.0 as usize & 3],
        )
    }
}
