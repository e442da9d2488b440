//! Advice for pages that will hold secrets, the same for every mapping of ours.

use crate::limits::Status;
use crate::trace::event;
use stayput_sys::PageRange;
use stayput_sys::advice::{Advice, madvise};
use stayput_sys::process::HAS_FORK;
use std::io;

/// What the system accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hardening {
    pub(crate) dump_excluded: Status,
    pub(crate) fork: Status,
}

/// Keeps reserved pages out of dumps, fork children and page merging.
///
/// To be called before the pages are touched: mappings whose flags change later
/// never merge with their neighbours, and 65,530 mappings are soon used up.
pub(crate) fn harden(reserved: PageRange) -> Hardening {
    let mut hardening = harden_for_children(reserved);
    if HAS_FORK {
        hardening.fork = status(
            advise(reserved, Advice::WipeOnFork),
            "the system can't wipe pages on fork",
        );
    }
    hardening
}

/// As [`harden`], for pages that fork children have to read.
pub(crate) fn harden_for_children(reserved: PageRange) -> Hardening {
    // Not supported where the kernel was built without page merging: then
    // nothing is merged anyway.
    let _ = advise(reserved, Advice::Unmergeable);
    Hardening {
        dump_excluded: status(
            advise(reserved, Advice::DontDump),
            "the system can't exclude pages from dumps",
        ),
        fork: if HAS_FORK {
            Status::No("fork children read from it")
        } else {
            Status::NotApplicable
        },
    }
}

/// Leaves pages out of dumps that somebody has put in again.
pub(crate) fn exclude_from_dumps(range: PageRange) -> io::Result<()> {
    // SAFETY: callers pass pages of their own; dumps aside, nothing changes.
    unsafe { madvise(range, Advice::DontDump) }
}

/// Lets the system back large ranges by huge pages, which are locked several times
/// faster and need fewer translations. What is locked is populated in any case.
pub(crate) fn prefer_huge_pages(reserved: PageRange) {
    // Not supported is fine: it is about speed only.
    let _ = advise(reserved, Advice::HugePage);
}

fn advise(range: PageRange, advice: Advice) -> bool {
    // SAFETY: callers pass reservations of their own; nothing that a fork child
    // reads lives there.
    let result = unsafe { madvise(range, advice) };
    if let Err(error) = &result {
        event!(warn, advice = advice, error = error, "advice refused");
    }
    result.is_ok()
}

fn status(accepted: bool, reason: &'static str) -> Status {
    if accepted {
        Status::Yes
    } else {
        Status::No(reason)
    }
}
