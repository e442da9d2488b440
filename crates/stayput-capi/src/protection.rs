//! What protects a value, and what does not.

use stayput::Protection;
use stayput::limits::Status;
use std::ffi::c_char;

/// Whether a protection holds.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(non_camel_case_types, reason = "the name in C")]
pub enum stayput_answer {
    /// It does not: the reason says why.
    STAYPUT_NO = 0,
    /// It holds.
    STAYPUT_YES = 1,
    /// It has no meaning for this kind of memory.
    STAYPUT_NOT_APPLICABLE = 2,
}

/// Bytes of a reason, its final NUL included.
pub const STAYPUT_REASON_SIZE: usize = 124;

/// Whether one protection holds, and if not, why.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(non_camel_case_types, reason = "the name in C")]
pub struct stayput_protection_status {
    /// Whether it holds.
    pub answer: stayput_answer,
    /// Why not: UTF-8 that ends in NUL, empty unless the answer is STAYPUT_NO.
    pub reason: [c_char; STAYPUT_REASON_SIZE],
}

/// The protections of one value, as far as the system granted them.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(non_camel_case_types, reason = "the name in C")]
pub struct stayput_protection {
    /// Kept in memory: never written to swap.
    pub locked: stayput_protection_status,
    /// Left out of core dumps that the kernel writes.
    pub dump_excluded: stayput_protection_status,
    /// A fork child finds zeros, or nothing at all.
    pub fork: stayput_protection_status,
    /// Inaccessible pages before and behind.
    pub guarded: stayput_protection_status,
    /// Not mapped by the kernel itself: readers with root's rights get nothing.
    pub kernel_unmapped: stayput_protection_status,
    /// Backed by a file on disk.
    pub file_backed: stayput_protection_status,
}

impl From<Protection> for stayput_protection {
    fn from(protection: Protection) -> Self {
        Self {
            locked: protection.locked.into(),
            dump_excluded: protection.dump_excluded.into(),
            fork: protection.fork.into(),
            guarded: protection.guarded.into(),
            kernel_unmapped: protection.kernel_unmapped.into(),
            file_backed: protection.file_backed.into(),
        }
    }
}

impl From<Status> for stayput_protection_status {
    fn from(status: Status) -> Self {
        let (answer, why) = match status {
            Status::Yes => (stayput_answer::STAYPUT_YES, ""),
            Status::NotApplicable => (stayput_answer::STAYPUT_NOT_APPLICABLE, ""),
            Status::No(why) => (stayput_answer::STAYPUT_NO, why),
            // A status younger than this interface promises nothing.
            _ => (stayput_answer::STAYPUT_NO, "not known to this interface"),
        };
        let mut reason = [0; STAYPUT_REASON_SIZE];
        let end = fitting(why, STAYPUT_REASON_SIZE - 1);
        for (place, byte) in reason.iter_mut().zip(why.as_bytes()[..end].iter()) {
            *place = c_char::from_ne_bytes([*byte]);
        }
        Self { answer, reason }
    }
}

/// The most bytes, up to `most`, that end where a character does.
fn fitting(text: &str, most: usize) -> usize {
    let fits = |&end: &usize| text.is_char_boundary(end);
    (0..=text.len().min(most)).rev().find(fits).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_reasons_end_where_a_character_does() {
        let long: &'static str = Box::leak("ä".repeat(STAYPUT_REASON_SIZE).into_boxed_str());
        let status = stayput_protection_status::from(Status::No(long));
        let bytes = status.reason.map(|byte| byte.to_ne_bytes()[0]);
        let text = std::ffi::CStr::from_bytes_until_nul(&bytes).expect("ends in NUL");
        let text = text.to_str().expect("whole characters");
        assert_eq!(text.len(), STAYPUT_REASON_SIZE - 2);
    }
}
