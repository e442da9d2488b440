//! The working set: how many pages of the process may be in memory, and must be.
//!
//! What may be locked is its minimum less an overhead (`quota.rs`). A *hard* minimum
//! binds the system: it takes no pages away below it.

use super::native::check;
use super::quota::{self, WorkingSet};
use crate::page::PageRange;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use windows_sys::Win32::System::Memory::{
    GetProcessWorkingSetSizeEx, QUOTA_LIMITS_HARDWS_MAX_DISABLE, QUOTA_LIMITS_HARDWS_MIN_ENABLE,
    SetProcessWorkingSetSizeEx, VirtualLock,
};
use windows_sys::Win32::System::Threading::GetCurrentProcess;

/// The minimum before the first growth; 0 for none.
static GROWN_FROM: AtomicUsize = AtomicUsize::new(0);

pub(crate) fn get() -> io::Result<(usize, usize)> {
    bounds_and_flags().map(|(minimum, maximum, _)| (minimum, maximum))
}

/// Keeps the flags, which say whether the bounds are hard.
pub(crate) fn set(minimum: usize, maximum: usize) -> io::Result<()> {
    let (_, _, flags) = bounds_and_flags()?;
    set_with(minimum, maximum, flags)
}

/// A hard minimum; the maximum stays as far above it as it was.
pub(crate) fn pin(minimum: usize) -> io::Result<()> {
    let (former, maximum) = get()?;
    let maximum = minimum
        .checked_add(maximum.saturating_sub(former))
        .ok_or(io::ErrorKind::InvalidInput)?;
    let flags = QUOTA_LIMITS_HARDWS_MIN_ENABLE | QUOTA_LIMITS_HARDWS_MAX_DISABLE;
    set_with(minimum, maximum, flags)
}

pub(crate) fn is_pinned() -> io::Result<bool> {
    bounds_and_flags().map(|(_, _, flags)| flags & QUOTA_LIMITS_HARDWS_MIN_ENABLE != 0)
}

pub(crate) fn grown_from() -> Option<usize> {
    Some(GROWN_FROM.load(Ordering::Relaxed)).filter(|&minimum| minimum != 0)
}

/// Locks pages, with the working set grown where that is what it takes.
///
/// # Safety
/// The caller owns the range and keeps it mapped during the call.
pub(super) unsafe fn lock(range: PageRange) -> io::Result<()> {
    quota::lock_growing(&mut Process { range }, range.len())
}

fn bounds_and_flags() -> io::Result<(usize, usize, u32)> {
    let (mut minimum, mut maximum, mut flags) = (0, 0, 0);
    // SAFETY: the pseudo handle is always valid, the three places are live.
    check(unsafe {
        GetProcessWorkingSetSizeEx(GetCurrentProcess(), &mut minimum, &mut maximum, &mut flags)
    })?;
    Ok((minimum, maximum, flags))
}

fn set_with(minimum: usize, maximum: usize, flags: u32) -> io::Result<()> {
    // SAFETY: the pseudo handle of this process is always valid.
    check(unsafe { SetProcessWorkingSetSizeEx(GetCurrentProcess(), minimum, maximum, flags) })
}

/// This process, about to lock `range`: made by [`lock`], whose caller owns it.
struct Process {
    range: PageRange,
}

impl WorkingSet for Process {
    fn lock(&mut self) -> io::Result<()> {
        // SAFETY: the caller of `lock` above owns the range and keeps it mapped.
        check(unsafe { VirtualLock(self.range.as_ptr(), self.range.len()) })
    }

    fn size(&mut self) -> io::Result<(usize, usize)> {
        get()
    }

    fn resize(&mut self, minimum: usize, maximum: usize) -> io::Result<()> {
        let (former, _) = get()?;
        set(minimum, maximum)?;
        // The first growth's stays.
        let _ = GROWN_FROM.compare_exchange(0, former, Ordering::Relaxed, Ordering::Relaxed);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{map, munlock};

    /// The real calls below an injected refusal: neither Wine nor a test of ordinary
    /// size runs into the quota.
    struct RefusedOnce {
        real: Process,
        refusals: u32,
        resized_to: Option<(usize, usize)>,
    }

    impl WorkingSet for RefusedOnce {
        fn lock(&mut self) -> io::Result<()> {
            if self.refusals > 0 {
                self.refusals -= 1;
                return Err(io::Error::from_raw_os_error(quota::WORKING_SET_QUOTA));
            }
            self.real.lock()
        }

        fn size(&mut self) -> io::Result<(usize, usize)> {
            self.real.size()
        }

        fn resize(&mut self, minimum: usize, maximum: usize) -> io::Result<()> {
            self.resized_to = Some((minimum, maximum));
            self.real.resize(minimum, maximum)
        }
    }

    #[test]
    fn a_refused_lock_is_repeated_after_the_working_set_grew() {
        let range = map::reserve(1 << 20).expect("address space");
        // SAFETY: the reservation is ours until released at the end.
        unsafe { map::commit(range).expect("memory") };
        assert_eq!(grown_from(), None);
        let before = get().expect("readable");
        let mut system = RefusedOnce {
            real: Process { range },
            refusals: 2,
            resized_to: None,
        };
        quota::lock_growing(&mut system, range.len()).expect("locks in the end");
        let grown = (before.0 + range.len(), before.1 + range.len());
        assert_eq!(system.resized_to, Some(grown));
        assert_eq!(grown_from(), Some(before.0), "the growth is reported");
        // SAFETY: as above; nothing uses the pages any more.
        unsafe { munlock(range.as_ptr(), range.len()).and_then(|()| map::release(range)) }
            .expect("ours");
    }
}
