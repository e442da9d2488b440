//! What locking does, seen in `VmFlags`, `VmLck` and `mincore`.
//!
//! Not on Windows: mlock2, mlockall, mincore and smaps; `portable.rs` runs there.
#![cfg(all(target_os = "linux", not(stayput_backend = "unsupported")))]

use proptest::prelude::*;
use stayput_sys::lock::{MLOCK_ONFAULT, mlock2};
use stayput_sys::raw::{MapArgs, Playground, Source};
use stayput_sys::residency::{all_locked, any_locked, mincore};
use stayput_sys::{PageRange, map, mlock, munlock, page_size};
use std::io::ErrorKind;
use std::sync::Once;

#[path = "observe/own_process.rs"]
mod own_process;
#[path = "observe/pages.rs"]
mod pages;
#[path = "observe/smaps.rs"]
mod smaps;
use own_process::{errno, own_process, skip};
use pages::Pages;

/// smaps, or a skip by name where it tells of another process.
macro_rules! needs_smaps {
    ($test:literal) => {
        if !smaps::is_ours() {
            return skip($test, "smaps shows the emulator's mappings");
        }
    };
}

fn lock(range: PageRange) -> std::io::Result<()> {
    // SAFETY: tests pass pages of their own.
    unsafe { mlock(range.as_ptr(), range.len()) }
}

fn unlock(range: PageRange) -> std::io::Result<()> {
    // SAFETY: tests pass pages of their own.
    unsafe { munlock(range.as_ptr(), range.len()) }
}

fn lock_on_fault(range: PageRange) -> std::io::Result<()> {
    // SAFETY: tests pass pages of their own.
    unsafe { mlock2(range.as_ptr(), range.len(), MLOCK_ONFAULT) }
}

fn forbid(range: PageRange) -> std::io::Result<()> {
    // SAFETY: tests pass pages of their own, and don't touch them afterwards.
    unsafe { map::protect(range, map::Access::None) }
}

#[test]
fn a_lock_covers_the_pages_of_an_unaligned_buffer_and_no_others() {
    needs_smaps!("a_lock_covers_the_pages_of_an_unaligned_buffer_and_no_others");
    let (p, pages) = (page_size(), Pages::new(5));
    // From the last byte of page 1 to the first of page 3.
    // SAFETY: the addresses are within `pages`.
    unsafe { mlock(pages.address().byte_add(2 * p - 1), p + 2) }.expect("within the limit");
    assert!(smaps::all_have(pages.part(1, 4), "lo"));
    assert!(smaps::none_has(pages.part(0, 1), "lo"));
    assert!(smaps::none_has(pages.part(4, 5), "lo"));
    // SAFETY: as above; the last two bytes of page 1 and the first of page 2.
    unsafe { munlock(pages.address().byte_add(2 * p - 2), 3) }.expect("mapped");
    assert!(smaps::none_has(pages.part(0, 3), "lo"));
    assert!(smaps::all_have(pages.part(3, 4), "lo"));
}

#[test]
fn one_unlock_undoes_two_locks() {
    needs_smaps!("one_unlock_undoes_two_locks");
    let pages = Pages::new(1);
    for _ in 0..2 {
        lock(pages.range).expect("within the limit");
    }
    unlock(pages.range).expect("mapped");
    assert!(smaps::none_has(pages.range, "lo"));
}

#[test]
fn locked_pages_are_resident_and_counted() {
    own_process("locked_pages_are_resident_and_counted", || {
        let pages = Pages::new(8);
        let before = smaps::locked_bytes();
        assert_eq!(mincore(pages.range).expect("mapped"), [false; 8]);
        lock(pages.range).expect("within the limit");
        assert_eq!(mincore(pages.range).expect("mapped"), [true; 8]);
        assert_eq!(smaps::locked_bytes() - before, pages.len());
        unlock(pages.part(0, 3)).expect("mapped");
        assert_eq!(smaps::locked_bytes() - before, 5 * page_size());
    });
}

#[test]
fn length_zero_does_nothing_even_where_nothing_is_mapped() {
    own_process(
        "length_zero_does_nothing_even_where_nothing_is_mapped",
        || {
            let (pages, before) = (Pages::new(1), smaps::locked_bytes());
            for address in [pages.address().wrapping_byte_add(10), std::ptr::null_mut()] {
                // SAFETY: length 0 touches nothing.
                unsafe {
                    mlock(address, 0).expect("nothing to do");
                    mlock2(address, 0, 0).expect("nothing to do");
                    munlock(address, 0).expect("nothing to do");
                }
            }
            assert_eq!(smaps::locked_bytes(), before);
        },
    );
}

#[test]
fn a_length_past_the_address_space_is_invalid_and_locks_nothing() {
    own_process(
        "a_length_past_the_address_space_is_invalid_and_locks_nothing",
        || {
            let (pages, before) = (Pages::new(1), smaps::locked_bytes());
            let start = pages.address();
            for len in [
                usize::MAX,
                usize::MAX - start.addr(),
                page_size().wrapping_neg(),
            ] {
                // SAFETY: such a range is refused before any call.
                let answers = unsafe {
                    [
                        mlock(start, len),
                        mlock2(start, len, 0),
                        munlock(start, len),
                    ]
                };
                for answer in answers {
                    let error = answer.expect_err("past the end");
                    assert_eq!(error.kind(), ErrorKind::InvalidInput, "length {len:#x}");
                }
            }
            assert_eq!(smaps::locked_bytes(), before);
        },
    );
}

#[test]
fn on_fault_locks_each_page_when_it_is_touched() {
    const TEST: &str = "on_fault_locks_each_page_when_it_is_touched";
    own_process(TEST, || {
        let pages = Pages::new(6);
        if let Err(error) = lock_on_fault(pages.range) {
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
            return skip(TEST, format!("mlock2: {error}"));
        }
        assert!(smaps::all_have(pages.range, "lo"));
        assert!(smaps::all_have(pages.range, "lf") || !smaps::shows_on_fault());
        assert_eq!(mincore(pages.range).expect("mapped"), [false; 6]);
        pages.write(2 * page_size(), 1);
        let mut expected = [false; 6];
        expected[2] = true;
        assert_eq!(mincore(pages.range).expect("mapped"), expected);
        // Charged when flagged, not when touched.
        assert_eq!(smaps::locked_bytes(), pages.len());
    });
}

#[test]
fn unknown_flags_are_refused() {
    const TEST: &str = "unknown_flags_are_refused";
    let pages = Pages::new(1);
    // SAFETY: the pages are ours.
    let error = unsafe { mlock2(pages.address(), pages.len(), 2) }.expect_err("no such flag");
    if error.kind() == ErrorKind::Unsupported {
        return skip(TEST, format!("mlock2: {error}"));
    }
    assert_eq!(error.raw_os_error(), Some(libc::EINVAL));
}

/// Three pages, the middle one missing: in a playground, where nothing the kernel
/// places by itself fills it.
fn three_with_a_hole() -> (Playground, PageRange) {
    let p = page_size();
    let ground = Playground::new(3 * p).expect("a low address");
    let range = PageRange::exact(ground.start(), 3 * p).expect("whole pages");
    for addr in [range.start(), range.start() + 2 * p] {
        let page = MapArgs {
            addr,
            len: p,
            prot: (libc::PROT_READ | libc::PROT_WRITE) as u32,
            source: Source::Anonymous,
            flags: 0,
            no_replace: true,
        };
        ground.mmap(&page).expect("free");
    }
    (ground, range)
}

#[test]
fn a_lock_that_meets_a_hole_fails_and_leaves_what_came_before_locked() {
    const TEST: &str = "a_lock_that_meets_a_hole_fails_and_leaves_what_came_before_locked";
    needs_smaps!("a_lock_that_meets_a_hole_fails_and_leaves_what_came_before_locked");
    own_process(TEST, || {
        let (p, (_ground, range)) = (page_size(), three_with_a_hole());
        let page = |at| PageRange::exact(range.start() + at * p, p).expect("whole pages");
        assert_eq!(errno(lock(range)), Some(libc::ENOMEM));
        assert!(smaps::all_have(page(0), "lo"));
        assert!(smaps::none_has(page(2), "lo"));
        assert_eq!(errno(unlock(range)), Some(libc::ENOMEM));
    });
}

#[test]
fn asking_about_holes_is_an_error_and_not_an_answer() {
    const TEST: &str = "asking_about_holes_is_an_error_and_not_an_answer";
    own_process(TEST, || {
        let (p, (_ground, range)) = (page_size(), three_with_a_hole());
        let hole = PageRange::exact(range.start() + p, p).expect("whole pages");
        let answers = [
            mincore(hole).map(drop),
            any_locked(hole).map(drop),
            all_locked(hole).map(drop),
        ];
        for (call, answer) in ["mincore", "any_locked", "all_locked"].iter().zip(answers) {
            match answer {
                Err(error) if error.kind() == ErrorKind::Unsupported => skip(TEST, error),
                answer => assert_eq!(errno(answer), Some(libc::ENOMEM), "{call}"),
            }
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The two cheap oracles against smaps, over layouts of locked and unlocked
    /// pages, some locked by `mlock2` and some not accessible.
    #[test]
    fn any_locked_and_all_locked_agree_with_smaps(
        layout in prop::collection::vec(0..4u8, 1..20),
        queries in prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index)>(), 8),
    ) {
        let pages = Pages::new(layout.len());
        if !smaps::is_ours() || smaps::takes_any_advice() {
            static SAID: Once = Once::new();
            let test = "any_locked_and_all_locked_agree_with_smaps";
            SAID.call_once(|| skip(test, "an emulator answers for the kernel"));
            return Ok(());
        }
        for (at, &kind) in layout.iter().enumerate() {
            let page = pages.part(at, at + 1);
            match kind {
                1 => lock(page)?,
                2 => lock_on_fault(page)?,
                3 => forbid(page)?,
                _ => {}
            }
        }
        for (from, to) in queries {
            let (from, to) = (from.index(layout.len()), to.index(layout.len()));
            let range = pages.part(from.min(to), from.max(to) + 1);
            prop_assert_eq!(any_locked(range)?, !smaps::none_has(range, "lo"));
            prop_assert_eq!(all_locked(range)?, smaps::all_have(range, "lo"));
        }
    }
}
