//! Refused locks: the cause is named, and nothing stays behind.
//!
//! Not on Windows: limits, seccomp and what the kernel leaves half done.

use super::*;

/// The kernel's view of each page.
fn state(range: PageRange) -> (Vec<bool>, u64) {
    let flags = (0..range.pages()).map(|index| {
        let page =
            PageRange::exact(range.start() + index * page_size(), page_size()).expect("aligned");
        // A hole is not locked.
        stayput_sys::residency::any_locked(page).unwrap_or(false)
    });
    (flags.collect(), locked())
}

fn assert_refused_without_trace(range: PageRange, expected: impl Fn(&Cause) -> bool) {
    let before = state(range);
    // SAFETY: the refused call keeps no guard.
    let error = unsafe { lock_raw(page(range, 0), range.len()) }.expect_err("refused");
    assert!(expected(error.cause()), "{error}");
    assert_eq!(state(range), before, "the kernel's state is as before");
}

#[test]
fn a_lock_that_meets_a_hole_leaves_no_trace() {
    own_process(
        "refused::a_lock_that_meets_a_hole_leaves_no_trace",
        Setup::new(),
        || {
            // Runs enough for the table to have all the room it will need.
            let other = pages(64);
            let _many: Vec<_> = (0..32)
                .map(|index| guard(other, 2 * index * page_size(), 1))
                .collect();
            let range = pages(8);
            // Somebody else's raw lock, and a guard of ours: both must survive.
            // SAFETY: the page is ours.
            unsafe {
                stayput_sys::mlock(page(range, 1).cast(), page_size()).expect("within limits");
            };
            let held = guard(range, 3 * page_size(), 1);
            // Last: what is mapped from here on could fill the hole.
            // SAFETY: the page is ours and unused.
            unsafe {
                assert_eq!(
                    libc::munmap(page(range, 5).cast_mut().cast(), page_size()),
                    0
                );
            };
            let hole = |cause: &Cause| matches!(cause, Cause::Hole { offset } if *offset == 5 * page_size());
            assert_refused_without_trace(range, hole);
            assert_eq!(
                state(range).0,
                [false, true, false, true, false, false, false, false]
            );
            drop(held);
            assert!(!is_locked(range, 3), "its count was right");
        },
    );
}

#[test]
fn a_lock_that_meets_an_inaccessible_page_leaves_no_trace() {
    own_process(
        "refused::a_lock_that_meets_an_inaccessible_page_leaves_no_trace",
        Setup::new(),
        || {
            let range = pages(4);
            let third =
                PageRange::exact(range.start() + 2 * page_size(), page_size()).expect("aligned");
            // SAFETY: the page is ours and unused.
            unsafe { map::protect(third, Access::None).expect("mapped") };
            // Somebody else's raw lock survives.
            // SAFETY: the page is ours.
            unsafe {
                stayput_sys::mlock(page(range, 0).cast(), page_size()).expect("within limits");
            };
            assert_refused_without_trace(
                range,
                |cause| matches!(cause, Cause::Inaccessible { offset } if *offset == 2 * page_size()),
            );
            assert_eq!(state(range).0, [true, false, false, false]);
        },
    );
}

#[test]
fn a_lock_over_the_limit_leaves_no_trace() {
    const NAME: &str = "refused::a_lock_over_the_limit_leaves_no_trace";
    if !is_root(NAME) {
        return;
    }
    own_process(
        NAME,
        Setup::new()
            .memlock(8 * page_size() as u64)
            .without_ipc_lock(),
        || {
            let range = pages(10);
            let held = guard(range, 0, 3 * page_size());
            // Held pages are not charged again: 7 more are needed, 5 are left.
            assert_refused_without_trace(range, |cause| {
                *cause
                    == Cause::LimitReached {
                        held: 3 * page_size() as u64,
                        limit: 8 * page_size() as u64,
                        needed: 7 * page_size() as u64,
                    }
            });
            let rest = guard(range, 3 * page_size(), 5 * page_size());
            drop((held, rest));
            assert_eq!(locked(), 0);
        },
    );
}

#[test]
fn what_is_refused_after_a_part_was_locked_is_counted_truly() {
    const NAME: &str = "refused::what_is_refused_after_a_part_was_locked_is_counted_truly";
    if !is_root(NAME) {
        return;
    }
    own_process(
        NAME,
        Setup::new()
            .memlock(8 * page_size() as u64)
            .without_ipc_lock(),
        || {
            let range = pages(10);
            let held = guard(range, 4 * page_size(), page_size());
            // The four pages before it fit, the five behind it do not.
            assert_refused_without_trace(range, |cause| {
                *cause
                    == Cause::LimitReached {
                        held: page_size() as u64,
                        limit: 8 * page_size() as u64,
                        needed: 9 * page_size() as u64,
                    }
            });
            drop(held);
        },
    );
}

#[test]
fn too_many_mappings_are_named() {
    own_process("refused::too_many_mappings_are_named", Setup::new(), || {
        crowd::limit(130_000); // what the locks below make, and no more
        // Two mappings side by side, told apart by their flags.
        let pair = pages(8);
        let dark = PageRange::exact(pair.start(), 4 * page_size()).expect("aligned");
        let advice = stayput_sys::advice::Advice::DontDump;
        // SAFETY: the pages are ours.
        unsafe { stayput_sys::advice::madvise(dark, advice).expect("Linux") };
        let range = pages(140_000);
        let mut guards = Vec::new();
        // Every other page: each lock splits a mapping in three.
        let mut every_other = (0..70_000).map(|index| {
            // SAFETY: the pages stay mapped to the end of the process.
            unsafe { lock_raw(page(range, 2 * index), 1) }
        });
        let error = every_other
            .find_map(|result| result.map(|guard| guards.push(guard)).err())
            .expect("max_map_count is reached");
        assert!(
            matches!(error.cause(), Cause::TooManyMappings { .. }),
            "{error}"
        );
        assert!(error.to_string().contains("max_map_count"), "{error}");
        assert!(
            is_locked(range, 0) && is_locked(range, 2 * (guards.len() - 1)),
            "earlier locks hold"
        );
        // The first mapping is locked whole, the second would have to be split;
        // nor could the first be unlocked page by page.
        let both = PageRange::exact(pair.start(), 5 * page_size()).expect("aligned");
        assert_refused_without_trace(both, |cause| matches!(cause, Cause::TooManyMappings { .. }));
    });
}

#[test]
fn files_of_any_name_hide_no_flaw() {
    use std::os::fd::AsRawFd;
    use std::os::unix::ffi::OsStrExt;
    own_process(
        "refused::files_of_any_name_hide_no_flaw",
        Setup::new(),
        || {
            let all = pages(5);
            let name = std::ffi::OsStr::from_bytes(b"not UTF-8: \xff");
            std::fs::write(name, "content").expect("one's own directory");
            let file = std::fs::File::open(name).expect("just written");
            let (first, fixed) = (all.as_ptr(), libc::MAP_PRIVATE | libc::MAP_FIXED);
            // SAFETY: in the place of a page of ours that nobody uses.
            let mapped =
                unsafe { libc::mmap(first, 1, libc::PROT_READ, fixed, file.as_raw_fd(), 0) };
            assert_eq!(mapped, first);
            let range = all.start() + page_size();
            let range = PageRange::exact(range, 4 * page_size()).expect("aligned");
            let third =
                PageRange::exact(range.start() + 2 * page_size(), page_size()).expect("aligned");
            // SAFETY: the page is ours and unused.
            unsafe { map::protect(third, Access::None).expect("mapped") };
            assert_refused_without_trace(
                range,
                |cause| matches!(cause, Cause::Inaccessible { offset } if *offset == 2 * page_size()),
            );
        },
    );
}

/// Guards on neighbouring pages are one run of the table; those that go one by one leave
/// many, for which there may be no memory.
#[test]
fn a_guard_goes_where_no_memory_is_left_to_count_the_others() {
    const COUNT: usize = 6000;
    own_process(
        "refused::a_guard_goes_where_no_memory_is_left_to_count_the_others",
        Setup::new(),
        || {
            let range = pages(COUNT);
            let mut guards: Vec<_> = (0..COUNT)
                .map(|index| Some(guard(range, index * page_size(), 1)))
                .collect();
            let before = stayput::Pool::global().stats().errors_in_drop;
            let limit_address_space = |bytes| {
                let limit = libc::rlimit {
                    rlim_cur: bytes,
                    rlim_max: libc::RLIM_INFINITY,
                };
                // SAFETY: a live limit.
                assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &limit) }, 0);
            };
            limit_address_space(0);
            for guard in guards.iter_mut().step_by(2) {
                drop(guard.take());
            }
            limit_address_space(libc::RLIM_INFINITY);
            let locked = locked_pages(range);
            let unlocked = locked.iter().filter(|&&it| !it).count();
            let failed = stayput::Pool::global().stats().errors_in_drop - before;
            assert!(failed > 0, "the control: room ran out");
            assert_eq!(
                unlocked as u64 + failed,
                COUNT as u64 / 2,
                "each is told of"
            );
            let mut others = locked.iter().skip(1).step_by(2);
            assert!(others.all(|&it| it), "the others are held");
        },
    );
}
