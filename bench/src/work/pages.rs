//! Locking and touching a gibibyte.

use super::{Outcome, unseen};
use crate::clock::{nanoseconds, timed};
use crate::observe::LockedRanges;
use crate::peer::Refusal;
use crate::sample::Sample;
use crate::warm::{provide, touch};
use memmap2::{Advice, MmapMut};
use stayput::page::LockedPages;
use std::hint::black_box;
use std::{slice, thread};

/// Who locks, by name; the yardstick first.
pub(crate) const LOCKERS: &[&str] = &[
    "mmap + mlock",
    "stayput",
    "region",
    ONE_THREAD,
    TWO_THREADS,
    BANDWIDTH,
];

/// Time until each page is locked and written; `None` for a name that is not known.
pub(crate) fn lock_and_touch(locker: &str) -> Option<Outcome> {
    let lock = match locker {
        "mmap + mlock" => || plain(Advice::Normal),
        ONE_THREAD => || plain(Advice::HugePage),
        TWO_THREADS => by_two_threads,
        BANDWIDTH => write_again,
        "stayput" => ours,
        "region" => by_region,
        _ => return None,
    };
    Some(provide(LEN).and_then(|()| lock()))
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

fn plain(advice: Advice) -> Outcome {
    let (mapped, took) = timed(|| {
        let mut mapped = MmapMut::map_anon(LEN).map_err(Refusal::new)?;
        mapped.advise(advice).map_err(Refusal::new)?;
        mapped.lock().map_err(Refusal::new)?;
        touch(&mut mapped);
        Ok::<_, Refusal>(mapped)
    })?;
    sample(&mapped, nanoseconds(took))
}

/// Each touches half, then one locks: the running time of whoever was longer.
fn by_two_threads() -> Outcome {
    let mut mapped = MmapMut::map_anon(LEN).map_err(Refusal::new)?;
    mapped.advise(Advice::HugePage).map_err(Refusal::new)?;
    let (front, rear) = mapped.split_at_mut(LEN / 2);
    let half = |bytes: &mut [u8]| {
        timed(|| {
            touch(bytes);
            Ok::<_, Refusal>(())
        })
    };
    let (own, other) = thread::scope(|scope| {
        let other = scope.spawn(|| half(rear));
        (half(front), other.join())
    });
    let ((), own) = own?;
    let ((), other) = other.map_err(|_| Refusal::new("a thread panicked"))??;
    let ((), lock) = timed(|| mapped.lock().map_err(Refusal::new))?;
    sample(&mapped, nanoseconds(own.max(other) + lock))
}

/// No page is new: what writing so many bytes costs at least.
fn write_again() -> Outcome {
    let mut mapped = MmapMut::map_anon(LEN).map_err(Refusal::new)?;
    mapped.advise(Advice::HugePage).map_err(Refusal::new)?;
    mapped.lock().map_err(Refusal::new)?;
    touch(&mut mapped);
    let ((), took) = timed(|| {
        black_box(&mut mapped[..]).fill(0);
        Ok::<_, Refusal>(())
    })?;
    sample(&mapped, nanoseconds(took))
}

fn sample(bytes: &[u8], time: f64) -> Outcome {
    let locked = LockedRanges::now()
        .map_err(unseen)?
        .hold(bytes.as_ptr(), LEN);
    Ok(Sample::of([("time", time)]).locked(f64::from(u8::from(locked))))
}

/// What the kernel can do at best, clearing pages in one thread and in two, and what the
/// memory can.
const ONE_THREAD: &str = "(control: mmap + huge page advice + mlock)";
const TWO_THREADS: &str = "(control: the same, touched by two threads before mlock)";
const BANDWIDTH: &str = "(control: memory that is locked already, zeroed)";
const LEN: usize = 1 << 30;
