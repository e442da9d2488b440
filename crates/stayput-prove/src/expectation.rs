//! What should happen in each cell, and why: one table.

use crate::channel::Channel;
use crate::storage::Storage;
use serde::Serialize;

/// What should happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Expected {
    /// A control: it leaks, or the experiment proves nothing.
    MustLeak,
    /// It does not leak.
    MustNotLeak,
    /// It may leak, and the documentation says so.
    DocumentedLimit,
}

/// What should happen in a cell, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Expectation {
    /// What.
    pub expected: Expected,
    /// Why, in one line.
    pub why: &'static str,
}

/// The expectation for a cell.
#[must_use]
pub fn expectation(storage: Storage, channel: Channel) -> Expectation {
    let row = match storage {
        Storage::Heap => HEAP,
        Storage::Mlock => MLOCK,
        Storage::MlockTwice => MLOCK_TWICE,
        Storage::ProtNone => PROT_NONE,
        Storage::DontDump => DONT_DUMP,
        Storage::Region => REGION,
        Storage::PageAllocator
        | Storage::LockedPages
        | Storage::Secret
        | Storage::SecretBytes
        | Storage::AllocSecureMemory => LOCKED,
        Storage::SecretMem | Storage::SecretBytesMem => SECRET_MEM,
        Storage::Guarded => GUARDED,
        Storage::Sealed => SEALED,
    };
    row[channel as usize]
}

/// One for each channel, in the order of [`Channel::ALL`].
type Row = [Expectation; Channel::ALL.len()];

const HEAP: Row = [
    leaks("nothing keeps it in memory"),
    leaks("dumps hold all private memory"),
    leaks(READABLE),
    leaks(READABLE),
    leaks(READABLE),
    leaks(READABLE),
    leaks(READABLE),
    leaks(INHERITED),
    leaks(UNWIPED),
];

const MLOCK: Row = [
    safe(STAYS),
    leaks("a lock says nothing about dumps"),
    leaks(READABLE),
    leaks(READABLE),
    leaks(READABLE),
    leaks(READABLE),
    leaks(READABLE),
    leaks(INHERITED),
    leaks(UNWIPED),
];

const MLOCK_TWICE: Row = [
    leaks("locks don't stack: the first munlock undoes both"),
    leaks("a lock says nothing about dumps"),
    leaks(READABLE),
    leaks(READABLE),
    leaks(READABLE),
    leaks(READABLE),
    leaks(READABLE),
    leaks(INHERITED),
    leaks(UNWIPED),
];

const PROT_NONE: Row = [
    leaks("inaccessible pages are swapped like others"),
    leaks("dumps hold inaccessible pages too"),
    leaks("/proc/PID/mem overrides the protection"),
    safe("process_vm_readv respects the protection"),
    leaks("ptrace overrides the protection"),
    leaks("gdb reads by /proc/PID/mem, which overrides the protection"),
    leaks("gdb reads by /proc/PID/mem, which overrides the protection"),
    safe("the child inherits the protection"),
    safe("unmapped, not freed"),
];

const DONT_DUMP: Row = [
    leaks("the advice is about dumps only"),
    safe(UNDUMPED),
    leaks(READABLE),
    leaks(READABLE),
    leaks(READABLE),
    safe(UNDUMPED),
    leaks(DUMPED_BY_FORCE),
    leaks(INHERITED),
    safe("unmapped, not freed"),
];

const REGION: Row = [
    safe(STAYS),
    limit("a region lock only locks; it gives no dump advice"),
    limit(READABLE),
    limit(READABLE),
    limit(READABLE),
    limit("a region lock only locks; it gives no dump advice"),
    limit("a region lock only locks; it gives no dump advice"),
    limit("a region lock only locks; the child has an unlocked copy"),
    limit("the buffer is its owner's to wipe before the lock goes"),
];

const LOCKED: Row = [
    safe(STAYS),
    safe(UNDUMPED),
    limit(READABLE),
    limit(READABLE),
    limit(READABLE),
    safe(UNDUMPED),
    limit(DUMPED_BY_FORCE),
    safe("MADV_WIPEONFORK: the child finds zeros"),
    safe(WIPED),
];

const SECRET_MEM: Row = [
    safe("memfd_secret pages are never swapped"),
    safe("memfd_secret pages are never dumped"),
    safe(UNMAPPED),
    safe(UNMAPPED),
    safe(UNMAPPED),
    safe(UNMAPPED),
    safe(UNMAPPED),
    safe("MADV_DONTFORK: the child finds nothing"),
    safe(WIPED),
];

const GUARDED: Row = [
    safe(STAYS),
    safe(UNDUMPED),
    limit("/proc/PID/mem overrides the protection"),
    safe("process_vm_readv respects the protection"),
    limit("ptrace overrides the protection"),
    safe(UNDUMPED),
    limit(DUMPED_BY_FORCE),
    safe("the child inherits the protection, and finds zeros behind it"),
    safe(WIPED),
];

const SEALED: Row = [
    safe(ENCRYPTED),
    safe(ENCRYPTED),
    safe(ENCRYPTED),
    safe(ENCRYPTED),
    safe(ENCRYPTED),
    safe(ENCRYPTED),
    safe(ENCRYPTED),
    safe(ENCRYPTED),
    safe(WIPED),
];

const ENCRYPTED: &str = "encrypted at rest, and wiped where it was opened";
const STAYS: &str = "mlock keeps it in memory";
const READABLE: &str = "readable memory is readable by whoever may trace the process";
const INHERITED: &str = "a child inherits its parent's memory";
const UNWIPED: &str = "freed memory is not wiped";
const WIPED: &str = "wiped when dropped";
const UNDUMPED: &str = "MADV_DONTDUMP leaves it out";
const DUMPED_BY_FORCE: &str = "gcore -a takes no notice of MADV_DONTDUMP";
const UNMAPPED: &str = "the kernel itself has no mapping of memfd_secret pages";

const fn leaks(why: &'static str) -> Expectation {
    let expected = Expected::MustLeak;
    Expectation { expected, why }
}

const fn safe(why: &'static str) -> Expectation {
    let expected = Expected::MustNotLeak;
    Expectation { expected, why }
}

const fn limit(why: &'static str) -> Expectation {
    let expected = Expected::DocumentedLimit;
    Expectation { expected, why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Kind;

    #[test]
    fn rows_are_in_the_order_of_the_channels() {
        for (number, channel) in Channel::ALL.into_iter().enumerate() {
            assert_eq!(channel as usize, number);
        }
    }

    #[test]
    fn every_channel_has_a_control_and_none_is_ours() {
        for channel in Channel::ALL {
            let controls = Storage::ALL
                .into_iter()
                .filter(|&storage| expectation(storage, channel).expected == Expected::MustLeak);
            let controls: Vec<_> = controls.collect();
            assert!(controls.contains(&Storage::Heap), "{channel:?}");
            assert!(
                controls.iter().all(|storage| storage.kind() == Kind::Raw),
                "{channel:?}"
            );
        }
    }

    #[test]
    fn only_ours_have_documented_limits() {
        for storage in Storage::ALL {
            for channel in Channel::ALL {
                let expected = expectation(storage, channel).expected;
                let ours = storage.kind() == Kind::Stayput;
                assert!(ours || expected != Expected::DocumentedLimit);
            }
        }
    }
}
