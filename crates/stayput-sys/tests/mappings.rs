//! Address space and advice, seen in smaps and by reading.
//!
//! Not on Windows: advice about forks and dumps, memfd_secret; `portable.rs` runs there.
#![cfg(all(target_os = "linux", not(stayput_backend = "unsupported")))]

use stayput_sys::advice::{Advice, madvise};
use stayput_sys::map::{self, Access};
use stayput_sys::{PageRange, madvise_dontdump, page_size, residency};
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;

#[path = "observe/own_process.rs"]
mod own_process;
#[path = "observe/pages.rs"]
mod pages;
#[path = "observe/smaps.rs"]
mod smaps;
use own_process::{errno, own_process, skip};
use pages::Pages;

fn permissions(range: PageRange) -> Vec<String> {
    smaps::over(range)
        .into_iter()
        .map(|it| it.permissions)
        .collect()
}

/// Whether advice reaches the kernel and smaps tells of it, or a skip by name.
fn can_observe(test: &str) -> bool {
    let emulated = !smaps::is_ours() || smaps::takes_any_advice();
    if emulated {
        skip(
            test,
            "an emulator takes any advice, or shows its own mappings",
        );
    }
    !emulated
}

#[test]
fn pages_are_reserved_committed_protected_decommitted_and_released() {
    let p = page_size();
    let range = map::reserve(2 * p + 1).expect("address space");
    assert_eq!(range.pages(), 3, "rounded up");
    assert_eq!(permissions(range), ["---p"]);
    let middle = PageRange::exact(range.start() + p, p).expect("within");
    // SAFETY: the reservation is ours throughout; the byte read lies in its
    // committed and readable middle.
    unsafe {
        map::commit(middle).expect("memory");
        assert_eq!(permissions(range), ["---p", "rw-p", "---p"]);
        let byte = middle.as_ptr().cast::<u8>();
        byte.write(7);
        map::protect(middle, Access::Read).expect("ours");
        assert_eq!(permissions(middle), ["r--p"]);
        assert_eq!(byte.read_volatile(), 7);
        map::protect(middle, Access::None).expect("ours");
        assert_eq!(
            permissions(range).concat(),
            "---p".repeat(smaps::over(range).len())
        );
        map::protect(middle, Access::ReadWrite).expect("ours");
        map::decommit(middle).expect("ours");
        assert_eq!(permissions(middle), ["---p"]);
        map::commit(middle).expect("memory");
        assert_eq!(byte.read_volatile(), 0, "the old content is gone");
        map::release(range).expect("ours");
    }
}

#[test]
fn decommitting_takes_lock_and_advice_away() {
    if !can_observe("decommitting_takes_lock_and_advice_away") {
        return;
    }
    let pages = Pages::new(2);
    // SAFETY: the pages are ours.
    unsafe {
        stayput_sys::mlock(pages.address(), pages.len()).expect("within the limit");
        madvise(pages.range, Advice::DontDump).expect("known");
        assert!(smaps::all_have(pages.range, "lo") && smaps::all_have(pages.range, "dd"));
        map::decommit(pages.range).expect("ours");
    }
    assert!(smaps::none_has(pages.range, "lo") && smaps::none_has(pages.range, "dd"));
}

#[test]
fn reserving_nothing_or_everything_is_invalid() {
    for len in [0, usize::MAX, usize::MAX - page_size() + 2] {
        let error = map::reserve(len).expect_err("no such length");
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "length {len:#x}");
    }
}

#[test]
fn an_address_in_use_is_not_reserved_again() {
    // In a process of its own: no other test maps what this one has freed.
    own_process("an_address_in_use_is_not_reserved_again", || {
        let pages = Pages::new(2);
        pages.write(0, 9);
        let error = map::reserve_at(pages.range).expect_err("in use");
        assert_eq!(error.raw_os_error(), Some(libc::EEXIST));
        assert_eq!(pages.read(0), 9, "nothing was replaced");

        let free = map::reserve(2 * page_size()).expect("address space");
        // SAFETY: reserved just above and unused, twice.
        unsafe {
            map::release(free).expect("ours");
            map::reserve_at(free).expect("free again");
            map::release(free).expect("ours again");
        }
    });
}

#[test]
fn populating_brings_in_what_is_asked_for_alone() {
    const TEST: &str = "populating_brings_in_what_is_asked_for_alone";
    if !can_observe(TEST) {
        return;
    }
    let pages = Pages::new(3);
    // SAFETY: the pages are ours.
    match unsafe { madvise(pages.part(1, 2), Advice::Populate) } {
        Ok(()) => {}
        Err(error) => return skip(TEST, error),
    }
    let resident = residency::mincore(pages.range).expect("mapped");
    assert_eq!(resident, [false, true, false]);
}

#[test]
fn each_advice_sets_its_flag_and_its_opposite_clears_it() {
    const TEST: &str = "each_advice_sets_its_flag_and_its_opposite_clears_it";
    if !can_observe(TEST) {
        return;
    }
    for (advice, opposite, flag) in [
        (Advice::DontDump, Some(Advice::DoDump), "dd"),
        (Advice::WipeOnFork, Some(Advice::KeepOnFork), "wf"),
        (Advice::DontFork, Some(Advice::DoFork), "dc"),
        (Advice::HugePage, None, "hg"),
        (Advice::NoHugePage, None, "nh"),
    ] {
        let pages = Pages::new(3);
        let middle = pages.part(1, 2);
        assert!(smaps::none_has(pages.range, flag), "{advice:?}");
        // SAFETY: the pages are ours.
        match unsafe { madvise(middle, advice) } {
            Ok(()) => {}
            Err(error) if flag == "hg" || flag == "nh" => {
                skip(TEST, format!("{advice:?}: {error}"));
                continue;
            }
            Err(error) => panic!("{advice:?}: {error}"),
        }
        assert!(smaps::all_have(middle, flag), "{advice:?}");
        assert!(smaps::none_has(pages.part(0, 1), flag), "{advice:?}");
        assert!(smaps::none_has(pages.part(2, 3), flag), "{advice:?}");
        if let Some(opposite) = opposite {
            // SAFETY: as above.
            unsafe { madvise(middle, opposite) }.expect("known");
            assert!(smaps::none_has(pages.range, flag), "{opposite:?}");
        }
    }
}

#[test]
fn unmergeable_ends_merging() {
    const TEST: &str = "unmergeable_ends_merging";
    if !can_observe(TEST) {
        return;
    }
    let pages = Pages::new(1);
    // SAFETY: the page is ours.
    let merged = unsafe { libc::madvise(pages.address(), pages.len(), libc::MADV_MERGEABLE) };
    if merged != 0 {
        return skip(TEST, format!("no KSM: {}", io::Error::last_os_error()));
    }
    assert!(smaps::all_have(pages.range, "mg"));
    // SAFETY: the page is ours.
    unsafe { madvise(pages.range, Advice::Unmergeable) }.expect("known");
    assert!(smaps::none_has(pages.range, "mg"));
}

#[test]
fn madvise_dontdump_takes_any_buffer() {
    if !can_observe("madvise_dontdump_takes_any_buffer") {
        return;
    }
    let (p, pages) = (page_size(), Pages::new(4));
    // SAFETY: within the pages, which are ours; nothing at length 0.
    unsafe {
        let unaligned = pages.address().byte_add(2 * p - 1);
        madvise_dontdump(unaligned, 0).expect("nothing to do");
        assert!(smaps::none_has(pages.range, "dd"));
        madvise_dontdump(unaligned, 2).expect("known");
        let error = madvise_dontdump(unaligned, usize::MAX).expect_err("past the end");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
    assert!(smaps::all_have(pages.part(1, 3), "dd"));
    assert!(smaps::none_has(pages.part(0, 1), "dd"));
    assert!(smaps::none_has(pages.part(3, 4), "dd"));
}

/// Commits secret memory, or says why not.
fn commit_secret(test: &str, pages: &Pages, part: PageRange) -> bool {
    assert!(pages.range.intersection(part) == Some(part));
    // SAFETY: the reservation is ours.
    match unsafe { map::commit_secret(part) } {
        Ok(()) => true,
        Err(error) if error.kind() == ErrorKind::Unsupported => {
            skip(test, format!("memfd_secret: {error}"));
            false
        }
        Err(error) => panic!("memfd_secret: {error}"),
    }
}

#[test]
fn secret_memory_is_locked_undumped_and_out_of_the_kernels_reach() {
    const TEST: &str = "secret_memory_is_locked_undumped_and_out_of_the_kernels_reach";
    own_process(TEST, || {
        let pages = Pages::reserved(3);
        let middle = pages.part(1, 2);
        let before = smaps::locked_bytes();
        if !commit_secret(TEST, &pages, middle) {
            return;
        }
        assert!(smaps::all_have(middle, "dd"));
        assert!(smaps::all_have(middle, "dc"), "no child's either");
        assert_eq!(permissions(pages.range), ["---p", "rw-s", "---p"]);
        // Kernels that charge it to the user, as it is touched, don't flag what they never swap.
        let is_flagged = smaps::all_have(middle, "lo");
        let counted = if is_flagged { page_size() } else { 0 };
        assert_eq!(smaps::locked_bytes() - before, counted);
        assert_eq!(pages.read(page_size()), 0);
        pages.write(page_size(), 0x5a);
        assert_eq!(pages.read(page_size()), 0x5a);

        let memory = fs::File::open("/proc/self/mem").expect("our own");
        let mut byte = [0u8];
        let at = u64::try_from(middle.start()).expect("64 bits");
        let error = memory
            .read_exact_at(&mut byte, at)
            .expect_err("unmapped from the kernel");
        assert_eq!((error.raw_os_error(), byte), (Some(libc::EIO), [0]));

        // SAFETY: the page is ours, and its content is given up.
        unsafe { map::decommit(middle) }.expect("ours");
        assert_eq!(smaps::locked_bytes(), before);
    });
}

#[test]
fn secret_memory_leaves_no_descriptor_open() {
    const TEST: &str = "secret_memory_leaves_no_descriptor_open";
    own_process(TEST, || {
        let pages = Pages::reserved(1);
        let before = descriptors();
        if commit_secret(TEST, &pages, pages.range) {
            assert_eq!(descriptors(), before);
            assert!(!before.is_empty());
        }
    });
}

#[test]
fn secret_memory_past_the_limit_is_refused_and_leaves_no_descriptor_either() {
    const TEST: &str = "secret_memory_past_the_limit_is_refused_and_leaves_no_descriptor_either";
    own_process(TEST, || {
        let (probe, pages) = (Pages::reserved(1), Pages::reserved(2));
        if !commit_secret(TEST, &probe, probe.range) {
            return;
        }
        caps::drop(
            None,
            caps::CapSet::Effective,
            caps::Capability::CAP_IPC_LOCK,
        )
        .expect("dropping is free");
        let memlock = stayput_sys::limits::Resource::Memlock;
        let limit = stayput_sys::limits::getrlimit(memlock).expect("readable");
        let soft = 2 * u64::try_from(page_size()).expect("small");
        stayput_sys::limits::setrlimit(memlock, stayput_sys::limits::Limit { soft, ..limit })
            .expect("lower");
        let before = descriptors();
        // SAFETY: the reservation is ours.
        let answer = unsafe { map::commit_secret(pages.range) };
        assert_eq!(errno(answer), Some(libc::EAGAIN));
        assert_eq!(descriptors(), before);
        assert_eq!(
            permissions(pages.range),
            ["---p"],
            "the reservation is intact"
        );
    });
}

/// What this process's descriptors lead to.
fn descriptors() -> Vec<String> {
    let entries = fs::read_dir("/proc/self/fd").expect("readable");
    let mut targets: Vec<_> = entries
        .filter_map(|entry| fs::read_link(entry.expect("readable").path()).ok())
        .map(|target| target.to_string_lossy().into_owned())
        .filter(|target| !target.contains("/proc/"))
        .collect();
    targets.sort();
    targets
}

#[test]
fn residency_follows_what_is_touched() {
    let pages = Pages::new(6);
    // SAFETY: the pages are ours. Refused where there are no huge pages, which
    // is all this is to achieve.
    let _ = unsafe { madvise(pages.range, Advice::NoHugePage) };
    for at in [1, 4] {
        pages.write(at * page_size(), 1);
    }
    let resident = residency::mincore(pages.range).expect("mapped");
    assert_eq!(resident, [false, true, false, false, true, false]);
}
