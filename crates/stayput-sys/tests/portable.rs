//! What holds on every platform that has a backend, seen by reading and writing.
#![cfg(all(any(unix, windows), not(stayput_backend = "unsupported")))]

use stayput_sys::map::{self, Access};
use stayput_sys::{PageRange, limits, mlock, munlock, page_size};
use std::io::ErrorKind;

#[path = "observe/own_process.rs"]
mod own_process;
#[path = "observe/pages.rs"]
mod pages;
use own_process::{own_process, skip};
use pages::Pages;

#[test]
fn the_page_size_is_a_power_of_two_that_the_system_maps_by() {
    assert!(page_size().is_power_of_two() && page_size() >= 4096);
    assert_eq!(Pages::new(1).len(), page_size());
}

#[test]
fn committed_pages_are_zero_keep_what_is_written_and_come_back_zero() {
    let pages = Pages::new(3);
    for at in [0, page_size(), pages.len() - 1] {
        assert_eq!(pages.read(at), 0);
        pages.write(at, 0xa5);
    }
    let middle = pages.part(1, 2);
    // SAFETY: the pages are ours.
    unsafe {
        map::protect(pages.range, Access::Read).expect("ours");
        assert_eq!(pages.read(page_size()), 0xa5);
        map::protect(pages.range, Access::None).expect("ours");
        map::protect(pages.range, Access::ReadWrite).expect("ours");
        map::decommit(middle).expect("ours");
        map::commit(middle).expect("memory");
    }
    let bytes = [0, page_size(), pages.len() - 1].map(|at| pages.read(at));
    assert_eq!(
        bytes,
        [0xa5, 0, 0xa5],
        "the middle page is fresh, the others are not"
    );
}

#[test]
fn locked_pages_keep_their_content_through_lock_and_unlock() {
    let pages = Pages::new(4);
    pages.write(1, 0x11);
    pages.write(pages.len() - 1, 0x22);
    // SAFETY: the pages are ours.
    unsafe {
        mlock(pages.address(), pages.len()).expect("within the limit");
        assert_eq!((pages.read(1), pages.read(pages.len() - 1)), (0x11, 0x22));
        munlock(pages.address(), pages.len()).expect("locked");
    }
    assert_eq!((pages.read(1), pages.read(pages.len() - 1)), (0x11, 0x22));
}

#[test]
fn a_reservation_in_use_is_refused_and_a_free_one_granted() {
    // In a process of its own: no other test maps what this one has freed.
    own_process(
        "a_reservation_in_use_is_refused_and_a_free_one_granted",
        || {
            let pages = Pages::new(1);
            pages.write(0, 9);
            map::reserve_at(pages.range).expect_err("in use");
            assert_eq!(pages.read(0), 9);

            let free = map::reserve(1 << 16).expect("address space");
            // SAFETY: reserved just above and unused, twice.
            unsafe {
                map::release(free).expect("ours");
                map::reserve_at(free).expect("free again");
                map::release(free).expect("ours again");
            }
        },
    );
}

#[test]
#[cfg(windows)]
fn an_address_between_two_allocation_units_is_refused_and_not_rounded() {
    own_process(
        "an_address_between_two_allocation_units_is_refused_and_not_rounded",
        || {
            let free = map::reserve(1 << 17).expect("address space");
            // SAFETY: reserved just above and unused.
            unsafe { map::release(free) }.expect("ours");
            let inside = PageRange::exact(free.start() + page_size(), page_size()).expect("whole");
            map::reserve_at(inside).expect_err("not a multiple of 64 KiB");
            map::reserve_at(free).expect("nothing was left behind");
            // SAFETY: reserved just above and unused.
            unsafe { map::release(free) }.expect("ours");
        },
    );
}

#[test]
fn the_working_set_is_what_was_set_or_unsupported() {
    const TEST: &str = "the_working_set_is_what_was_set_or_unsupported";
    own_process(TEST, || {
        let sizes = limits::working_set();
        assert_eq!(sizes.is_ok(), cfg!(windows), "{sizes:?}");
        let (minimum, maximum) = match sizes {
            Ok(sizes) => sizes,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Unsupported);
                let error = limits::set_working_set(1, 2).expect_err("as above");
                assert_eq!(error.kind(), ErrorKind::Unsupported);
                return;
            }
        };
        assert!(0 < minimum && minimum <= maximum);
        let larger = (minimum + (1 << 20), maximum + (1 << 20));
        limits::set_working_set(larger.0, larger.1).expect("larger");
        if is_wine() {
            return skip(TEST, "set, and not kept: Wine has no working set");
        }
        assert_eq!(limits::working_set().ok(), Some(larger));
    });
}

#[test]
#[cfg(windows)]
fn unlocking_what_is_not_locked_is_an_error_but_under_wine() {
    let pages = Pages::new(1);
    // SAFETY: the page is ours.
    let answer = unsafe { munlock(pages.address(), pages.len()) };
    if is_wine() {
        answer.expect("as the host's munlock has it");
    } else {
        assert_eq!(answer.expect_err("not locked").raw_os_error(), Some(158));
    }
}

/// What Wine's own documentation has programs ask.
fn is_wine() -> bool {
    #[cfg(windows)]
    // SAFETY: ntdll is in every process; the names end in a NUL.
    return unsafe {
        use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress};
        let ntdll = GetModuleHandleW(windows_sys::core::w!("ntdll.dll"));
        GetProcAddress(ntdll, c"wine_get_version".as_ptr().cast()).is_some()
    };
    #[cfg(not(windows))]
    false
}

#[test]
fn a_reservation_is_whole_pages() {
    let range: PageRange = map::reserve(page_size() + 1).expect("address space");
    assert_eq!(
        (range.start() % page_size(), range.len()),
        (0, 2 * page_size())
    );
    // SAFETY: reserved just above and unused.
    unsafe { map::release(range) }.expect("ours");
}
