//! What a specification of a call must speak of, and by which words one can tell that it does.

use super::place::Place;
use crate::contract::Call;

/// Something a specification must say.
pub(super) struct Topic {
    pub(super) calls: &'static [Call],
    /// The clause that says it.
    pub(super) clause: &'static str,
    pub(super) place: Place<'static>,
    /// What it is, in a few words.
    pub(super) about: &'static str,
    /// It is said where one sentence has all words of one of these sets, in small letters; where
    /// there are none, by anything at all at that place.
    pub(super) words: &'static [&'static [&'static str]],
}

macro_rules! topics {
    ($($calls:ident at $place:expr, $clause:literal: $about:literal, $words:expr;)*) => {
        &[$(Topic {
            calls: $calls,
            clause: $clause,
            place: $place,
            about: $about,
            words: $words,
        }),*]
    };
}

const BOTH: &[Call] = &[Call::Mlock, Call::Mlock2];
const LOCKS: &[Call] = &[Call::Mlock, Call::Mlock2, Call::Mlockall];
const MLOCK2: &[Call] = &[Call::Mlock2];
const MUNLOCK: &[Call] = &[Call::Munlock];
const MLOCKALL: &[Call] = &[Call::Mlockall];
const MUNLOCKALL: &[Call] = &[Call::Munlockall];

type Words = &'static [&'static [&'static str]];

const HOLE: Words = &[&["not mapped"], &["unmapped"]];
const MAP_COUNT: Words = &[
    &["max_map_count"],
    &["too many", "mapp"],
    &["number of", "mapp"],
    &["number of", "region"],
];
const WRAPS: Words = &[&["wrap"], &["overflow"], &["less than start"]];
const WRAPS_TO_ZERO: Words = &[&["wrap"], &["modulo"]];
const ROUNDED_DOWN: Words = &[&["round", "down"]];
const OFFSET: Words = &[&["offset"], &["unaligned"]];
const NO_PERMISSION: Words = &[&["no permission"], &["no privilege"], &["no capability"]];
const PARTIAL: Words = &[
    &["not atomic"],
    &["partial"],
    &["before", "hole"],
    &["fail", "stay"],
    &["fail", "remain"],
];
const ZERO_LIMIT: Words = &[&["limit", "0"], &["limit", "zero"]];
const FLAGS_FIRST: Words = &[
    &["flags", "before"],
    &["flags", "first"],
    &["einval", "before"],
];

/// The order is that of what a reader of the text misses most.
pub(super) const TOPICS: &[Topic] = topics! {
    BOTH at Place::Error("ENOMEM"), "mlock.error.enomem.limit":
        "more would be locked than RLIMIT_MEMLOCK allows",
        &[&["rlimit_memlock"], &["over the limit"], &["locked", "limit"]];
    BOTH at Place::Error("ENOMEM"), "mlock.error.enomem.hole":
        "a page of the range is not mapped", HOLE;
    BOTH at Place::Error("ENOMEM"), "mlock.error.enomem.prot-none":
        "a page of the range may not be accessed",
        &[&["prot_none"], &["not be accessed"], &["inaccessible"]];
    BOTH at Place::Error("ENOMEM"), "mlock.error.enomem.beyond-file-end":
        "a page lies beyond the end of its file", &[&["end", "file"], &["truncated"]];
    BOTH at Place::Error("ENOMEM"), "mlock.error.enomem.map-count":
        "the process would have too many mappings", MAP_COUNT;
    BOTH at Place::Error("EINVAL"), "mlock.error.einval.wraps":
        "the range wraps past the end of the address space", WRAPS;
    BOTH at Place::Error("EPERM"), "mlock.error.eperm.limit-zero":
        "the limit is 0", ZERO_LIMIT;
    BOTH at Place::Behaviour, "mlock.precedence.eperm-first":
        "EPERM comes before every error about the range, length 0 included",
        &[&["eperm", "before"], &["eperm", "first"], &["permission", "first"]];
    MLOCK2 at Place::Error("EINVAL"), "mlock2.error.einval.unknown-flags":
        "a flag other than MLOCK_ONFAULT", &[&["flag"]];
    MLOCK2 at Place::Behaviour, "mlock2.precedence.einval-before-eperm":
        "unknown flags come before EPERM", FLAGS_FIRST;
    BOTH at Place::Error("EAGAIN"), "mlock.error.eagain.population":
        "a page could not be brought in", &[];
    LOCKS at Place::Error("EINTR"), "mlock.error.eintr.fatal-signal":
        "a fatal signal", &[];
    BOTH at Place::Parameter("start"), "mlock.parameter.start.rounded-down":
        "it is rounded down", ROUNDED_DOWN;
    BOTH at Place::Parameter("len"), "mlock.parameter.len.zero-with-offset":
        "at an unaligned start length 0 is one page", OFFSET;
    BOTH at Place::Parameter("len"), "mlock.parameter.len.wraps-to-zero":
        "a length near 2^64 wraps to 0, and the call returns 0", WRAPS_TO_ZERO;
    BOTH at Place::Behaviour, "mlock.error.enomem.hole":
        "partial effects remain when the call fails", PARTIAL;
    BOTH at Place::Behaviour, "mlock.effect.populates":
        "every page is brought in",
        &[&["resident"], &["brought in"], &["brings"], &["populat"]];
    BOTH at Place::Behaviour, "mlock.effect.does-not-stack":
        "locks do not stack", &[&["stack"], &["nest"]];
    BOTH at Place::Behaviour, "mlock.effect.special-skipped":
        "special mappings are skipped without an error",
        &[&["special"], &["vm_io"], &["vdso"]];
    BOTH at Place::Behaviour, "mlock.effect.cgroup-kill":
        "past a memory cgroup's limit the caller is killed",
        &[&["cgroup", "kill"], &["cgroup", "oom"]];
    MLOCK2 at Place::Behaviour, "mlock2.effect.onfault-charges-at-call":
        "with MLOCK_ONFAULT the whole range is charged at the call",
        &[&["whole", "charged"], &["in full", "charged"], &["counted", "at the call"]];
    LOCKS at Place::Behaviour, "fork.effect.clears-locks":
        "a child has no locks", &[&["child"], &["fork"]];
    LOCKS at Place::Behaviour, "execve.effect.clears-locks":
        "a new program has no locks", &[&["exec"]];
    BOTH at Place::Capability, "mlock.capability.initial-namespace-only":
        "it counts in the initial user namespace only", &[&["namespace"]];
    MUNLOCK at Place::Error("ENOMEM"), "munlock.error.enomem.hole":
        "a page of the range is not mapped", HOLE;
    MUNLOCK at Place::Error("ENOMEM"), "munlock.error.enomem.map-count":
        "the process would have too many mappings", MAP_COUNT;
    MUNLOCK at Place::Error("EINVAL"), "munlock.error.einval.wraps":
        "the range wraps past the end of the address space", WRAPS;
    MUNLOCK at Place::Parameter("start"), "munlock.parameter.start.rounded-down":
        "it is rounded down", ROUNDED_DOWN;
    MUNLOCK at Place::Parameter("len"), "munlock.parameter.len.zero":
        "at an unaligned start length 0 is one page", OFFSET;
    MUNLOCK at Place::Parameter("len"), "munlock.parameter.len.wraps-to-zero":
        "a length near 2^64 wraps to 0, and the call returns 0", WRAPS_TO_ZERO;
    MUNLOCK at Place::Behaviour, "munlock.error.enomem.hole":
        "mappings before a hole are unlocked though the call fails", PARTIAL;
    MUNLOCK at Place::Behaviour, "munlock.return.needs-no-permission":
        "no permission is needed", NO_PERMISSION;
    MLOCKALL at Place::Error("EINVAL"), "mlockall.error.einval.flags":
        "no flag, an unknown one, or MCL_ONFAULT alone", &[&["mcl_onfault"]];
    MLOCKALL at Place::Error("EPERM"), "mlockall.error.eperm.limit-zero":
        "the limit is 0", ZERO_LIMIT;
    MLOCKALL at Place::Behaviour, "mlockall.precedence.einval-before-eperm":
        "bad flags come before EPERM", FLAGS_FIRST;
    MLOCKALL at Place::Error("ENOMEM"), "mlockall.error.enomem.total-vm":
        "the whole address space, reservations included, is compared with the limit",
        &[&["address space"], &["all", "mapped"], &["total"]];
    MLOCKALL at Place::Behaviour, "mlockall.effect.ignores-failures":
        "pages that can't be brought in are passed over, and the call returns 0",
        &[&["passed over"], &["ignore"], &["returns 0"]];
    MLOCKALL at Place::Behaviour, "mmap.error.eagain.future":
        "under MCL_FUTURE later mappings over the limit fail",
        &[&["later", "fail"], &["future", "fail"], &["later", "eagain"]];
    MUNLOCKALL at Place::Behaviour, "munlockall.return.needs-no-permission":
        "no permission is needed", NO_PERMISSION;
    MUNLOCKALL at Place::Behaviour, "munlockall.effect.clears-future":
        "MCL_FUTURE ends", &[&["mcl_future"], &["later mapp"], &["future mapp"]];
};

#[cfg(test)]
mod tests {
    use super::TOPICS;
    use crate::contract::clause;

    /// What happens to locks later is said by clauses of the calls that do it.
    const LATER: [&str; 3] = ["fork.", "execve.", "mmap."];

    #[test]
    fn every_topic_is_a_clause_of_its_calls() {
        for topic in TOPICS {
            let clause = clause(topic.clause).expect(topic.clause);
            let later = LATER.iter().any(|call| topic.clause.starts_with(call));
            let holds = topic.calls.iter().all(|call| clause.calls.contains(call));
            assert!(later || holds, "{}", topic.clause);
        }
    }

    #[test]
    fn words_are_in_small_letters() {
        for word in TOPICS.iter().flat_map(|topic| topic.words.concat()) {
            assert_eq!(word, word.to_lowercase());
        }
    }
}
