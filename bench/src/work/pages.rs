//! Locking and touching a gibibyte.

use super::{Outcome, unseen};
use crate::clock::{nanoseconds, timed};
use crate::observe::LockedRanges;
use crate::peer::Refusal;
use crate::sample::Sample;
use stayput::page::LockedPages;
use std::hint::black_box;
use std::{io, slice};

/// Who locks, by name; the yardstick first.
pub(crate) const LOCKERS: &[&str] = &["mmap + mlock", "stayput", "region"];

/// Time until each page is locked and written; `None` for a name that is not known.
pub(crate) fn lock_and_touch(locker: &str) -> Option<Outcome> {
    Some(match locker {
        "mmap + mlock" => plain(),
        "stayput" => ours(),
        "region" => by_region(),
        _ => return None,
    })
}

fn ours() -> Outcome {
    let (pages, took) = timed(|| {
        let mut pages = LockedPages::new(LEN).map_err(Refusal::new)?;
        touch(pages.as_mut_slice());
        Ok::<_, Refusal>(pages)
    })?;
    sample(pages.as_slice(), nanoseconds(took))
}

fn by_region() -> Outcome {
    let ((pages, _lock), took) = timed(|| {
        let protection = region::Protection::READ_WRITE;
        let mut pages = region::alloc(LEN, protection).map_err(Refusal::new)?;
        let lock = region::lock(pages.as_ptr::<u8>(), LEN).map_err(Refusal::new)?;
        // SAFETY: `pages` has this many bytes, zero at first.
        touch(unsafe { slice::from_raw_parts_mut(pages.as_mut_ptr(), LEN) });
        Ok::<_, Refusal>((pages, lock))
    })?;
    // SAFETY: as above.
    sample(
        unsafe { slice::from_raw_parts(pages.as_ptr(), LEN) },
        nanoseconds(took),
    )
}

fn plain() -> Outcome {
    let (bytes, took) = timed(|| {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: a fresh mapping touches nothing.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), LEN, access, flags, -1, 0) };
        if start == libc::MAP_FAILED {
            return Err(Refusal::new(io::Error::last_os_error()));
        }
        // SAFETY: mapped just above.
        if unsafe { libc::mlock(start, LEN) } != 0 {
            return Err(Refusal::new(io::Error::last_os_error()));
        }
        // SAFETY: mapped just above with this length, zero at first; the process ends
        // with it.
        let bytes = unsafe { slice::from_raw_parts_mut(start.cast(), LEN) };
        touch(bytes);
        Ok(bytes)
    })?;
    sample(bytes, nanoseconds(took))
}

fn touch(bytes: &mut [u8]) {
    for page in bytes.chunks_mut(stayput_sys::page_size()) {
        page[0] = 1;
        black_box(page.as_mut_ptr());
    }
}

fn sample(bytes: &[u8], time: f64) -> Outcome {
    let locked = LockedRanges::now().map_err(unseen)?.hold(bytes);
    Ok(Sample::of([("time", time)]).locked(f64::from(u8::from(locked))))
}

const LEN: usize = 1 << 30;
