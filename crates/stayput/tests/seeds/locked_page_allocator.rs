//! bitcoin-locked-page-allocator 0.1.

use crate::observe::has;
use stayput::inspect::Flag;
use stayput::page::*;
use std::ffi::c_void;

/// "Core traits": the signatures, through generic code and through an object.
#[test]
fn the_four_traits() {
    fn round_trip<A: LockedPageAllocator>(mut allocator: A) -> usize {
        let mut locking_success = false;
        let out: *mut bool = &mut locking_success;
        let memory: *mut c_void = allocator.allocate_locked(4096, out);
        assert!(has(memory.cast_const(), Flag::Locked) && locking_success);
        allocator.free_locked(memory, 4096);
        allocator.get_limit()
    }
    struct Parts<'a> {
        pages: &'a mut dyn LockedPageAllocator,
    }
    let limit: usize = round_trip(PosixLockedPageAllocator::default());
    let mut allocator = PosixLockedPageAllocator::default();
    let parts = Parts {
        pages: &mut allocator,
    };
    assert_eq!(parts.pages.get_limit(), limit);
    fn takes_parts(_: &mut (impl AllocateLocked + FreeLocked + GetLimit)) {}
    takes_parts(&mut allocator);
}

/// "Concrete types", Windows: the name, `new`, `Default`, the getter.
#[test]
fn the_windows_name() {
    let by_new = Win32LockedPageAllocator::new();
    let by_default: Win32LockedPageAllocator = Default::default();
    let page_size: &usize = by_new.page_size();
    assert_eq!(page_size, by_default.page_size());
    assert!(page_size.is_power_of_two());
}

/// "Concrete types", POSIX: the builder and the getter.
#[test]
fn the_posix_name() {
    let built = PosixLockedPageAllocatorBuilder::default()
        .page_size(8192)
        .build();
    assert_eq!(*built.expect("a power of two").page_size(), 8192);
}

/// "Basic allocation and free": budget, allocation, both failures told apart.
// Not on Windows: the published block is for Unix.
#[cfg(unix)]
#[test]
fn basic_use() {
    {
        let mut alloc = PosixLockedPageAllocator::default();
        let budget = alloc.get_limit();
        assert!(budget > 0);
        let secret_len = 64;
        let mut locked = false;
        // The published example wraps the calls in `unsafe`, though they are
        // safe: both ways compile.
        #[allow(unused_unsafe)]
        // SAFETY: none needed: the method is safe.
        let memory = unsafe { alloc.allocate_locked(secret_len, &mut locked as *mut bool) };
        assert!(!memory.is_null(), "allocation");
        assert!(locked, "locking");
        assert!(has(memory.cast_const(), Flag::Locked) && has(memory.cast_const(), Flag::DontDump));
        #[allow(unused_unsafe)]
        // SAFETY: none needed: the method is safe.
        unsafe {
            alloc.free_locked(memory, secret_len);
        }
    }
}

/// "Integrating into a secret key type": a key of one's own over the traits, as
/// the documentation sketches it.
struct SecretKey<A: AllocateLocked + FreeLocked> {
    allocator: A,
    bytes: *mut u8,
    len: usize,
}

impl<A: AllocateLocked + FreeLocked> SecretKey<A> {
    fn new(mut allocator: A, len: usize) -> Option<Self> {
        let mut locked = false;
        let bytes = allocator.allocate_locked(len, &mut locked).cast::<u8>();
        (!bytes.is_null() && locked).then_some(Self {
            allocator,
            bytes,
            len,
        })
    }

    fn as_mut_slice(&mut self) -> &mut [u8] {
        // SAFETY: the allocator handed out `len` zeroed bytes, which `self` owns.
        unsafe { std::slice::from_raw_parts_mut(self.bytes, self.len) }
    }
}

impl<A: AllocateLocked + FreeLocked> Drop for SecretKey<A> {
    fn drop(&mut self) {
        self.allocator.free_locked(self.bytes.cast(), self.len);
    }
}

#[test]
fn a_key_type_of_ones_own() {
    let mut key = SecretKey::new(PosixLockedPageAllocator::default(), 32).expect("locked");
    key.as_mut_slice().copy_from_slice(&[9; 32]);
    assert!(has(key.bytes, Flag::Locked));
}

/// The same, by the type that the documentation only sketches.
#[test]
fn locked_buf() {
    let mut buffer: LockedBuf<PosixLockedPageAllocator> =
        LockedBuf::new(PosixLockedPageAllocator::default(), 32).expect("memory");
    buffer.as_mut_slice()[0] = 1;
    assert_eq!(buffer.as_slice()[..2], [1, 0]);
    assert!(has(buffer.as_slice().as_ptr(), Flag::Locked));
}
