//! What goes wrong in a round.

use caps::{CapSet, Capability};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};
use stayput::inspect::{Process, locked_bytes};
use stayput::limits::{Raising, set_raising};
use stayput_sys::limits::{Limit, Resource, getrlimit, setrlimit};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Threads without the capability, and little left of the limit.
    Limit,
    /// Threads whose `mlock` is refused with this number.
    Refused(i32),
}

impl Fault {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Limit => "limit",
            Self::Refused(_) => "seccomp",
        }
    }

    /// Sets the process up; what this returns puts it right again.
    pub(crate) fn begin(self) -> impl Drop {
        let before = getrlimit(Resource::Memlock).expect("readable");
        if self == Self::Limit {
            set_raising(Raising::Forbidden);
            let held = locked_bytes(Process::Current).expect("own status");
            let soft = (held + (256 << 10)).min(before.hard);
            setrlimit(Resource::Memlock, Limit { soft, ..before }).expect("below the hard one");
        }
        Restore(before)
    }

    /// Sets a thread up, for the rest of its life.
    pub(crate) fn enter(self) {
        match self {
            Self::None => {}
            Self::Limit => {
                caps::drop(None, CapSet::Effective, Capability::CAP_IPC_LOCK).expect("free");
            }
            Self::Refused(errno) => refuse_mlock(errno),
        }
    }
}

struct Restore(Limit);

impl Drop for Restore {
    fn drop(&mut self) {
        setrlimit(Resource::Memlock, self.0).expect("as it was");
        set_raising(Raising::Allowed);
    }
}

fn refuse_mlock(errno: i32) {
    let filter = SeccompFilter::new(
        [(libc::SYS_mlock, Vec::new())].into_iter().collect(),
        SeccompAction::Allow,
        SeccompAction::Errno(errno.unsigned_abs()),
        std::env::consts::ARCH.try_into().expect("an architecture"),
    );
    let program: BpfProgram = filter.expect("a filter").try_into().expect("a program");
    apply_filter(&program).expect("root or no_new_privs");
}
