//! The page size, and ranges that consist of whole pages.

use crate::system_page_size;
use std::ffi::c_void;
use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Used where the system does not answer: no supported system has smaller pages.
const FALLBACK: usize = 4096;

/// The system's page size in bytes: a power of two, asked for once.
///
/// Source: `sysconf(_SC_PAGESIZE)` (POSIX), `GetSystemInfo` (Windows).
#[must_use]
#[inline]
pub fn page_size() -> usize {
    static CACHED: AtomicUsize = AtomicUsize::new(0);
    match CACHED.load(Ordering::Relaxed) {
        0 => {
            let size = page_size_from(system_page_size::page_size());
            CACHED.store(size, Ordering::Relaxed);
            size
        }
        size => size,
    }
}

/// The page size that the kernel itself works by: [`page_size`], unless a test has a
/// larger one in its place (`--cfg stayput_page_size`).
pub(crate) fn kernel_page_size() -> usize {
    page_size_from(system_page_size::system())
}

/// Turns the system's raw answer into a usable page size: 4 KiB for an error
/// (zero or negative), otherwise rounded up to a power of two.
///
/// ```
/// use stayput_sys::page::page_size_from;
/// assert_eq!(page_size_from(-1), 4096);
/// assert_eq!(page_size_from(0), 4096);
/// assert_eq!(page_size_from(5000), 8192);
/// assert_eq!(page_size_from(16384), 16384);
/// ```
#[must_use]
pub fn page_size_from(answer: i64) -> usize {
    match usize::try_from(answer) {
        Ok(size) if size > 0 => size.checked_next_power_of_two().unwrap_or(FALLBACK),
        _ => FALLBACK,
    }
}

/// Whole pages: aligned, not empty, and ending within the address space.
///
/// A value of this type is the precondition of every call that works on pages;
/// holding one says nothing about what is mapped there.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PageRange {
    start: usize,
    len: NonZeroUsize,
}

impl PageRange {
    /// The pages that hold any byte of `addr .. addr + len`.
    ///
    /// `None` where `len` is 0 or the rounded range would leave the address space.
    #[must_use]
    pub fn covering(addr: usize, len: usize) -> Option<Self> {
        let mask = page_size() - 1;
        let start = addr & !mask;
        let end = addr.checked_add(len)?.checked_add(mask)? & !mask;
        Some(Self {
            start,
            len: NonZeroUsize::new(end - start).filter(|_| len > 0)?,
        })
    }

    /// Exactly `start .. start + len`; `None` unless both are multiples of the
    /// page size, `len` is not 0 and the end is within the address space.
    #[must_use]
    pub fn exact(start: usize, len: usize) -> Option<Self> {
        let range = Self::covering(start, len)?;
        (range.start == start && range.len() == len).then_some(range)
    }

    /// The first address.
    #[must_use]
    pub const fn start(self) -> usize {
        self.start
    }

    /// The address after the last byte.
    #[must_use]
    pub const fn end(self) -> usize {
        self.start + self.len.get()
    }

    /// Length in bytes: a multiple of the page size, never 0.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "never empty by construction")]
    pub const fn len(self) -> usize {
        self.len.get()
    }

    /// Number of pages.
    #[must_use]
    pub fn pages(self) -> usize {
        self.len() / page_size()
    }

    /// The start as a pointer for a system call.
    #[must_use]
    pub fn as_ptr(self) -> *mut c_void {
        std::ptr::with_exposed_provenance_mut(self.start)
    }

    /// Whether `addr` lies inside.
    #[must_use]
    pub const fn contains(self, addr: usize) -> bool {
        self.start <= addr && addr < self.end()
    }

    /// The pages that both hold, if any.
    #[must_use]
    pub fn intersection(self, other: Self) -> Option<Self> {
        let start = self.start.max(other.start);
        let len = self.end().min(other.end()).checked_sub(start)?;
        Some(Self {
            start,
            len: NonZeroUsize::new(len)?,
        })
    }
}

impl fmt::Debug for PageRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}..{:#x}", self.start, self.end())
    }
}

/// Rounds a caller's buffer outwards, for the calls that take any buffer.
///
/// `Ok(None)` for length 0 (nothing to do); `InvalidInput` where the length
/// rounds past the address space: the kernel would wrap it to nothing and
/// report success.
pub(crate) fn pages_of(addr: *const c_void, len: usize) -> io::Result<Option<PageRange>> {
    if len == 0 {
        return Ok(None);
    }
    PageRange::covering(addr.addr(), len)
        .map(Some)
        .ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                "the range ends past the address space: expected addr + len, rounded up to a page, \
             to fit in usize",
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_round_outwards_and_never_wrap() {
        let p = page_size();
        let range = PageRange::covering(10 * p + 1, p).expect("fits");
        assert_eq!((range.start(), range.end()), (10 * p, 12 * p));
        assert_eq!(PageRange::covering(p, 0), None);
        assert_eq!(PageRange::covering(p, usize::MAX), None);
        assert_eq!(PageRange::covering(usize::MAX - 5, 5), None);
        assert_eq!(PageRange::exact(p + 1, p), None);
        assert_eq!(PageRange::exact(p, p + 1), None);
        assert_eq!(PageRange::exact(p, 2 * p).map(PageRange::pages), Some(2));
    }

    #[test]
    fn intersections_share_whole_pages() {
        let p = page_size();
        let a = PageRange::exact(p, 4 * p).expect("aligned");
        let b = PageRange::exact(3 * p, 4 * p).expect("aligned");
        assert_eq!(a.intersection(b), PageRange::exact(3 * p, 2 * p));
        assert_eq!(
            a.intersection(PageRange::exact(5 * p, p).expect("aligned")),
            None
        );
    }

    #[test]
    fn bad_answers_become_usable_sizes() {
        for (answer, expected) in [
            (i64::MIN, 4096),
            (-1, 4096),
            (0, 4096),
            (1, 1),
            (4097, 8192),
            (65536, 65536),
        ] {
            assert_eq!(page_size_from(answer), expected, "answer {answer}");
        }
    }
}
