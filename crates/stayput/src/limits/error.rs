//! Why memory was not locked.

use super::cause::Cause;
use super::remedy::Remedy;
use super::{Budget, Environment, Privileges, Situation};
use stayput_sys::PageRange;
use std::error::Error;
use std::fmt;
use std::io;

/// What was attempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// Locking pages (`mlock`, `VirtualLock`).
    Lock,
    /// Reserving or committing address space (`mmap`, `mprotect`, `VirtualAlloc`).
    Map,
    /// Mapping secret memory (`memfd_secret`).
    MapSecret,
    /// Backing memory by a file (`mmap`), under `Policy::FileBacked`.
    MapFile,
    /// Changing the access to pages (`mprotect`, `VirtualProtect`).
    Protect,
    /// Giving advice on pages (`madvise`).
    Advise,
    /// Locking the whole process (`mlockall`).
    LockProcess,
    /// Bringing stack or heap in before it is used.
    Prefault,
    /// Binding the system to a minimum working set (`SetProcessWorkingSetSizeEx`).
    PinWorkingSet,
}

/// Memory could not be locked: what was attempted, on what, and why.
///
/// `Display` ends with the remedy for the environment this process runs in. It
/// and `Debug` name sizes, never addresses or content: both end up in logs.
#[derive(Clone)]
pub struct LockError(Box<Inner>);

#[derive(Clone)]
struct Inner {
    operation: Operation,
    range: Option<PageRange>,
    errno: Option<i32>,
    cause: Cause,
    budget: Budget,
}

impl LockError {
    pub(crate) fn new(
        operation: Operation,
        range: Option<PageRange>,
        errno: Option<i32>,
        cause: Cause,
    ) -> Self {
        Self(Box::new(Inner {
            operation,
            range,
            errno,
            cause,
            budget: Budget::current(),
        }))
    }

    /// What was attempted.
    #[must_use]
    pub fn operation(&self) -> Operation {
        self.0.operation
    }

    /// The pages concerned, if the attempt got as far as having any.
    #[must_use]
    pub fn range(&self) -> Option<PageRange> {
        self.0.range
    }

    /// The system's error number, if a call was made and refused.
    #[must_use]
    pub fn errno(&self) -> Option<i32> {
        self.0.errno
    }

    /// Why.
    #[must_use]
    pub fn cause(&self) -> &Cause {
        &self.0.cause
    }

    /// Limit, locked bytes and capability when it happened.
    #[must_use]
    pub fn budget(&self) -> &Budget {
        &self.0.budget
    }

    /// What to do about it, in the environment this process runs in.
    #[must_use]
    pub fn remedy(&self) -> Remedy {
        self.remedy_in(Environment::current())
    }

    /// What to do about it in `environment`.
    #[must_use]
    pub fn remedy_in(&self, environment: Environment) -> Remedy {
        let situation = Situation {
            environment,
            budget: self.0.budget,
            privileges: Privileges::current(),
        };
        Remedy::new(&self.0.cause, &situation)
    }
}

impl fmt::Debug for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockError")
            .field("operation", &self.0.operation)
            .field("len", &self.0.range.map(PageRange::len))
            .field("errno", &self.0.errno)
            .field("cause", &self.0.cause)
            .field("budget", &self.0.budget)
            .finish()
    }
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            operation,
            range,
            errno,
            cause,
            ..
        } = &*self.0;
        match operation {
            Operation::Lock => f.write_str("could not lock memory")?,
            Operation::Map => f.write_str("could not map memory")?,
            Operation::MapSecret => f.write_str("could not map secret memory (memfd_secret)")?,
            Operation::MapFile => f.write_str("could not lock memory, nor back it by a file")?,
            Operation::Protect => f.write_str("could not change the access to memory")?,
            Operation::Advise => f.write_str("could not keep memory out of dumps (madvise)")?,
            Operation::LockProcess => f.write_str("could not lock the process (mlockall)")?,
            Operation::Prefault => f.write_str("could not bring memory in beforehand")?,
            Operation::PinWorkingSet => f.write_str("could not pin the working set")?,
        }
        if let Some(range) = range {
            write!(f, " ({} bytes)", range.len())?;
        }
        write!(f, ": {cause}")?;
        if let Some(errno) = errno {
            write!(f, " [{}]", io::Error::from_raw_os_error(*errno))?;
        }
        write!(f, ". Remedy: {}", self.remedy())
    }
}

impl Error for LockError {}

impl From<LockError> for io::Error {
    fn from(error: LockError) -> Self {
        let kind = match error.cause() {
            Cause::NoCapability | Cause::Seccomp => io::ErrorKind::PermissionDenied,
            Cause::Unsupported | Cause::SecretMemory => io::ErrorKind::Unsupported,
            Cause::InvalidRange | Cause::InvalidFlags => io::ErrorKind::InvalidInput,
            Cause::NoBackingFile { problem, .. } => problem.kind(),
            _ => io::ErrorKind::OutOfMemory,
        };
        Self::new(kind, error)
    }
}
