//! Having many pages provided before they are locked, by several processors.

use crate::limits::{Budget, refuse_beyond_headroom};
use crate::trace::event;
use stayput_sys::PageRange;
use stayput_sys::advice::{Advice, madvise};
use std::num::NonZero;
use std::sync::mpsc;
use std::thread;

/// Size of the huge pages that large data should fit, in bytes: x86-64's, and
/// AArch64's with 4 KiB pages. Elsewhere it is merely an alignment.
pub(crate) const HUGE: usize = 2 << 20;

/// Below this many bytes starting a thread is not worth it.
const LARGE: usize = 64 << 20;

/// More threads clear pages no faster: memory itself is the limit then.
const MOST_THREADS: usize = 4;

/// Has the system provide the pages of a large range. Clearing them is most of what a
/// lock costs, and one call of `mlock` clears them with one processor.
///
/// Best effort: the lock that follows provides what is missing, and says what is in its
/// way. Where it would be refused, nothing is provided.
pub(super) fn populate(range: PageRange) {
    if range.len() < LARGE || !has_room(range) {
        return;
    }
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let shares = shares(range, threads.min(MOST_THREADS));
    thread::scope(|scope| {
        let Some((&own, others)) = shares.split_first() else {
            return;
        };
        // A thread that starts maps its stacks, for which it would wait as long as
        // another provides pages: so all start first, each dropping its end.
        let (starting, started) = mpsc::channel::<()>();
        for &share in others {
            let starting = starting.clone();
            let work = move || {
                drop(starting);
                provide(share);
            };
            if let Err(error) = thread::Builder::new().spawn_scoped(scope, work) {
                event!(warn, error = error, "one thread less provides pages");
            }
        }
        drop(starting);
        let _all_dropped = started.recv();
        provide(own);
    });
}

fn has_room(range: PageRange) -> bool {
    let fits = |left| range.len() as u64 <= left;
    Budget::current().available().is_none_or(fits) && refuse_beyond_headroom(range).is_ok()
}

/// `range` in `count` parts of whole huge pages, the last with what remains.
fn shares(range: PageRange, count: usize) -> Vec<PageRange> {
    let len = (range.len() / count).next_multiple_of(HUGE);
    (range.start()..range.end())
        .step_by(len)
        .filter_map(|start| PageRange::exact(start, len.min(range.end() - start)))
        .collect()
}

fn provide(range: PageRange) {
    // SAFETY: the pages are the caller's, who waits. They are as new, and stay so.
    if let Err(error) = unsafe { madvise(range, Advice::Populate) } {
        event!(debug, error = error, "pages are provided by the lock alone");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stayput_sys::{map, residency};

    #[test]
    fn all_pages_are_provided() {
        let range = map::reserve(LARGE + HUGE / 2).expect("address space");
        // SAFETY: reserved here, and nobody else's.
        unsafe { map::commit(range) }.expect("memory");
        let provided = || residency::mincore(range).map(|pages| pages.iter().all(|&it| it));
        // SAFETY: as above. Huge pages or not: each must be there.
        if !has_room(range) || unsafe { madvise(range, Advice::Populate) }.is_err() {
            eprintln!("SKIPPED all_pages_are_provided: no room, or no such advice");
        } else {
            // SAFETY: as above; gives the pages back, which the control needs.
            unsafe { map::decommit(range) }.expect("ours");
            // SAFETY: as above.
            unsafe { map::commit(range) }.expect("memory");
            assert!(!provided().expect("mapped"), "the control");
            populate(range);
            assert!(provided().expect("mapped"));
        }
        // SAFETY: as above.
        unsafe { map::release(range) }.expect("ours");
    }

    #[test]
    fn shares_are_the_range_in_order_without_gaps() {
        let start = 7 << 20;
        for (len, count) in [
            (LARGE, 1),
            (LARGE, 2),
            (LARGE + HUGE / 2, 4),
            (LARGE * 3, 4),
        ] {
            let range = PageRange::exact(start, len).expect("aligned");
            let shares = shares(range, count);
            assert!(shares.len() <= count, "{shares:?}");
            assert_eq!(shares[0].start(), range.start());
            assert_eq!(shares[shares.len() - 1].end(), range.end());
            assert!(
                shares
                    .windows(2)
                    .all(|pair| pair[0].end() == pair[1].start())
            );
        }
    }
}
