//! Whole locked pages: `LockedPages` and the published allocators.

#[path = "support/observe.rs"]
mod observe;
#[path = "support/own_process.rs"]
mod own_process;

use observe::{HARDENED, has, in_fork_child, locked};
use own_process::{End, Setup, end, is_root, own_process, run};
use stayput::inspect::Flag;
use stayput::limits::Cause;
use stayput::page::*;
use stayput::{Policy, region};
use std::ffi::c_void;
use std::ptr;

/// Bytes in a page.
fn page() -> usize {
    stayput_sys::page_size()
}

#[test]
fn allocators_show_no_addresses() {
    let mut allocator = PosixLockedPageAllocator::default();
    let start = allocator.allocate_locked(1, ptr::null_mut());
    let shown = format!("{allocator:?}");
    allocator.free_locked(start, 1);
    let forms = [format!("{:x}", start.addr()), start.addr().to_string()];
    assert!(!forms.iter().any(|it| shown.contains(it)), "{shown}");
}

#[test]
fn locked_pages_have_every_protection() {
    own_process("locked_pages_have_every_protection", Setup::new(), || {
        let mut pages = LockedPages::new(2 * page() + 1).expect("within limits");
        assert_eq!(pages.len(), 3 * page());
        assert!(pages.as_slice().iter().all(|&byte| byte == 0));
        pages.as_mut_slice().fill(1);
        for index in 0..3 {
            let address = pages.as_slice()[index * page()..].as_ptr();
            for &flag in HARDENED {
                assert!(has(address, flag), "{flag:?}");
            }
        }
        let report = pages.protection();
        assert!(report.locked.is_yes() && report.guarded.is_yes());
        assert_eq!(
            report.dump_excluded.is_yes(),
            HARDENED.contains(&Flag::DontDump)
        );
        assert_eq!(report.fork.is_yes(), HARDENED.contains(&Flag::WipeOnFork));
        assert_eq!(locked(), 3 * page() as u64);
        if cfg!(windows) {
            drop(pages);
            assert_eq!(locked(), 0);
            return;
        }
        let child = in_fork_child(|| {
            assert!(pages.as_slice().iter().all(|&byte| byte == 0));
            assert!(!pages.protection().locked.is_yes());
            0
        });
        assert_eq!(child, Ok(0));
        drop(pages);
        assert_eq!(locked(), 0);
    });
}

// Not on Windows: there is no advice about huge pages.
#[cfg(unix)]
#[test]
fn what_is_locked_may_be_huge_pages() {
    const NAME: &str = "what_is_locked_may_be_huge_pages";
    if std::fs::metadata("/sys/kernel/mm/transparent_hugepage").is_err() {
        eprintln!("SKIPPED {NAME}: the kernel has no transparent huge pages");
        return;
    }
    own_process(NAME, Setup::new(), || {
        let locked = LockedPages::new(4 << 20).expect("within limits");
        assert!(is_advised_huge(locked.as_slice().as_ptr()));
        let idle = LockedPages::with_policy(4 << 20, Policy::Off).expect("unlocked");
        assert!(!is_advised_huge(idle.as_slice().as_ptr()));
    });
}

/// Whether the mapping that holds `address` has the flag `hg`.
#[cfg(unix)]
fn is_advised_huge(address: *const u8) -> bool {
    let start = format!("{:x}-", observe::mapping_at(address).start);
    let maps = std::fs::read_to_string("/proc/self/smaps").expect("own smaps");
    let record = maps.lines().skip_while(|line| !line.starts_with(&start));
    let flags = record.into_iter().find(|line| line.starts_with("VmFlags:"));
    flags
        .expect("a record has flags")
        .split_ascii_whitespace()
        .any(|flag| flag == "hg")
}

/// Reads the byte that `address` picks beside a page, and expects a fault.
fn assert_fault(name: &str, address: fn(&LockedPages) -> *const u8) {
    let output = run(name, Setup::new(), || {
        let pages = LockedPages::new(page()).expect("within limits");
        // SAFETY: none: reading a guard page is what is tested.
        unsafe { address(&pages).read_volatile() };
    });
    if let Some(output) = output {
        assert_eq!(end(output.status), Some(End::Fault));
    }
}

#[test]
fn the_page_before_is_a_guard() {
    assert_fault("the_page_before_is_a_guard", |pages| {
        pages.as_slice().as_ptr().wrapping_sub(1)
    });
}

#[test]
fn the_page_behind_is_a_guard() {
    assert_fault("the_page_behind_is_a_guard", |pages| {
        pages.as_slice().as_ptr_range().end
    });
}

#[test]
fn policies_of_locked_pages() {
    const NAME: &str = "policies_of_locked_pages";
    if !is_root(NAME) {
        return;
    }
    own_process(NAME, Setup::new().memlock(page() as u64).nobody(), || {
        let error = LockedPages::new(2 * page()).expect_err("over the limit");
        assert!(
            matches!(error.cause(), Cause::LimitReached { .. }),
            "{error}"
        );
        let preferred = LockedPages::with_policy(2 * page(), Policy::Prefer).expect("unlocked");
        let address = preferred.as_slice().as_ptr();
        assert!(!preferred.protection().locked.is_yes());
        assert!(!has(address, Flag::Locked) && has(address, Flag::DontDump));
        let off = LockedPages::with_policy(page(), Policy::Off).expect("unlocked");
        assert!(!has(off.as_slice().as_ptr(), Flag::Locked));
        assert_eq!(locked(), 0);
    });
    assert_eq!(
        *LockedPages::new(0).expect_err("nothing").cause(),
        Cause::InvalidRange
    );
    assert_eq!(
        *LockedPages::new(usize::MAX).expect_err("too much").cause(),
        Cause::InvalidRange
    );
}

/// The same through a trait object, for both names.
fn exercise(allocator: &mut dyn LockedPageAllocator) {
    let mut success = false;
    let start = allocator.allocate_locked(64, &mut success);
    assert!(!start.is_null() && success);
    let bytes = start.cast::<u8>();
    assert!(has(bytes, Flag::Locked));
    assert_eq!(
        has(bytes, Flag::DontDump),
        HARDENED.contains(&Flag::DontDump)
    );
    // SAFETY: the allocator handed out 64 bytes.
    unsafe {
        assert_eq!(bytes.read(), 0);
        bytes.write_bytes(7, 64);
    }
    // Wrong pointer, wrong length: refused, nothing is unmapped.
    allocator.free_locked(start.wrapping_byte_add(1), 64);
    allocator.free_locked(start, 64 + page());
    allocator.free_locked(ptr::null_mut(), 64);
    // SAFETY: still handed out.
    assert_eq!(unsafe { bytes.read() }, 7);
    assert!(has(bytes, Flag::Locked));
    allocator.free_locked(start, 64);
    allocator.free_locked(start, 64); // a second time: refused
}

#[test]
fn the_published_allocators_under_both_names() {
    own_process(
        "the_published_allocators_under_both_names",
        Setup::new(),
        || {
            exercise(&mut PosixLockedPageAllocator::default());
            exercise(&mut Win32LockedPageAllocator::new());
            assert_eq!(locked(), 0);
        },
    );
}

#[test]
fn lengths_and_null_are_tolerated() {
    let mut allocator = PosixLockedPageAllocator::default();
    let mut success = true;
    assert!(allocator.allocate_locked(0, &mut success).is_null());
    assert!(!success, "written on every path");
    success = true;
    assert!(
        allocator
            .allocate_locked(usize::MAX, &mut success)
            .is_null()
    );
    assert!(!success);
    let start: *mut c_void = allocator.allocate_locked(1, ptr::null_mut());
    assert!(!start.is_null());
    allocator.free_locked(start, 1);
}

#[test]
fn locking_failure_is_not_allocation_failure() {
    const NAME: &str = "locking_failure_is_not_allocation_failure";
    if !is_root(NAME) {
        return;
    }
    own_process(NAME, Setup::new().memlock(0).nobody(), || {
        let mut allocator = PosixLockedPageAllocator::default();
        assert_eq!(allocator.get_limit(), 0);
        let mut success = true;
        let start = allocator.allocate_locked(64, &mut success);
        assert!(!start.is_null() && !success);
        assert!(!has(start.cast::<u8>(), Flag::Locked) && has(start.cast::<u8>(), Flag::DontDump));
        allocator.free_locked(start, 64);
    });
}

// Not on Windows: there is no RLIMIT_MEMLOCK.
#[cfg(unix)]
#[test]
fn the_limit_is_the_soft_one() {
    let limit =
        stayput_sys::limits::getrlimit(stayput_sys::limits::Resource::Memlock).expect("Linux");
    let expected = usize::try_from(limit.soft).unwrap_or(usize::MAX);
    assert_eq!(PosixLockedPageAllocator::default().get_limit(), expected);
}

#[test]
fn page_sizes_are_checked() {
    let build = |size| {
        PosixLockedPageAllocatorBuilder::default()
            .page_size(size)
            .build()
    };
    for bad in [0, 1, page() - 1, page() + 1, 3 * page(), usize::MAX] {
        let error = build(bad).expect_err("refused").to_string();
        assert!(
            error.contains("power of two") && error.contains(&bad.to_string()),
            "{error}"
        );
    }
    let mut large = build(16 * page()).expect("a power of two");
    assert_eq!(*large.page_size(), 16 * page());
    let start = large.allocate_locked(1, ptr::null_mut());
    large.free_locked(start, 2); // the same 16 pages: rounded alike
    assert_eq!(
        *PosixLockedPageAllocatorBuilder::default()
            .build()
            .expect("default")
            .page_size(),
        page()
    );
    assert_eq!(
        *Win32LockedPageAllocatorBuilder::default()
            .build()
            .expect("default")
            .page_size(),
        page()
    );
}

#[test]
fn allocator_and_region_share_one_count() {
    own_process("allocator_and_region_share_one_count", Setup::new(), || {
        let mut pages = LockedPages::new(page()).expect("within limits");
        let address = pages.as_slice().as_ptr();
        drop(region::lock(pages.as_mut_slice()).expect("within limits"));
        assert!(
            has(address, Flag::Locked),
            "the pages still hold their lock"
        );
    });
}

/// A foreign allocator whose lock never succeeds.
#[derive(Default)]
struct Unlocked(Vec<Box<[u8]>>);

impl AllocateLocked for Unlocked {
    fn allocate_locked(&mut self, len: usize, locking_success: *mut bool) -> *mut c_void {
        self.0.push(vec![0; len].into_boxed_slice());
        // SAFETY: `LockedBuf` passes a bool of its own.
        unsafe { locking_success.write(false) };
        self.0.last_mut().expect("just pushed").as_mut_ptr().cast()
    }
}

impl FreeLocked for Unlocked {
    fn free_locked(&mut self, addr: *mut c_void, len: usize) {
        let block = self.0.pop().expect("handed out");
        assert_eq!((block.as_ptr().addr(), block.len()), (addr.addr(), len));
        assert!(
            block.iter().all(|&byte| byte == 0),
            "cleansed before it is freed"
        );
    }
}

#[test]
fn locked_buf_works_over_any_allocator() {
    let mut ours = LockedBuf::new(PosixLockedPageAllocator::default(), 100).expect("memory");
    ours.as_mut_slice().fill(3);
    assert_eq!(ours.as_slice(), [3; 100]);
    assert!(ours.is_locked() && has(ours.as_slice().as_ptr(), Flag::Locked));
    let mut foreign = LockedBuf::new(Unlocked::default(), 100).expect("memory");
    foreign.as_mut_slice().fill(3);
    assert!(!foreign.is_locked());
    drop(foreign); // asserts in `free_locked`
    assert!(LockedBuf::new(PosixLockedPageAllocator::default(), 0).is_none());
}

// Not on Windows: asks /proc/meminfo.
#[cfg(unix)]
#[test]
fn more_than_there_is_memory_is_refused_before_the_kernel_kills() {
    const NAME: &str = "more_than_there_is_memory_is_refused_before_the_kernel_kills";
    let Some(much) = 1_usize.checked_shl(45) else {
        eprintln!("SKIPPED {NAME}: the machine may have all that 32 bits can address");
        return;
    };
    own_process(NAME, Setup::new(), || {
        let error = LockedPages::new(much).expect_err("no machine has 32 TiB");
        let expected = |cause: &Cause| {
            matches!(
                cause,
                Cause::OutOfMemory | Cause::LimitReached { .. } | Cause::MemoryCgroup { .. }
            )
        };
        assert!(expected(error.cause()), "{error}");
    });
}
