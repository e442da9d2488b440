//! Misuse that only unsafe code can commit ends the process with a message.

#[path = "support/own_process.rs"]
mod own_process;

use allocator_api2::alloc::{Allocator, Layout};
use own_process::{End, Setup, end, run};
use stayput::Pool;
use std::ptr::NonNull;

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, 1).expect("small")
}

/// Runs `misuse` and expects it to end the process with `message`.
fn ends_with(name: &str, message: &str, misuse: impl FnOnce(&Pool)) {
    let output = run(name, Setup::new(), || misuse(Pool::global()));
    if let Some(output) = output {
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(end(output.status), Some(End::Abort), "{stderr}");
        assert!(
            stderr.contains(message),
            "expected {message:?} in {stderr:?}"
        );
    }
}

fn allocate(pool: &Pool, size: usize) -> NonNull<u8> {
    pool.allocate(layout(size)).expect("within limits").cast()
}

#[test]
fn double_free_of_a_slot() {
    ends_with("double_free_of_a_slot", "double free", |pool| {
        let (freed, _kept) = (allocate(pool, 32), allocate(pool, 32));
        // SAFETY: none: the second call is the misuse under test.
        unsafe {
            pool.deallocate(freed, layout(32));
            pool.deallocate(freed, layout(32));
        }
    });
}

#[test]
fn double_free_of_the_last_slot() {
    ends_with("double_free_of_the_last_slot", "double free", |pool| {
        let freed = allocate(pool, 32);
        // SAFETY: none: the second call is the misuse under test.
        unsafe {
            pool.deallocate(freed, layout(32));
            pool.deallocate(freed, layout(32));
        }
    });
}

#[test]
fn double_free_of_pages() {
    ends_with("double_free_of_pages", "double free", |pool| {
        let freed = allocate(pool, 100_000);
        // SAFETY: none: the second call is the misuse under test.
        unsafe {
            pool.deallocate(freed, layout(100_000));
            pool.deallocate(freed, layout(100_000));
        }
    });
}

#[test]
fn a_foreign_pointer() {
    ends_with("a_foreign_pointer", "foreign free", |pool| {
        let _own = allocate(pool, 32);
        let foreign = NonNull::from(Box::leak(Box::new(0u8)));
        // SAFETY: none: the call is the misuse under test.
        unsafe { pool.deallocate(foreign, layout(1)) };
    });
}

#[test]
fn another_pools_pointer() {
    ends_with("another_pools_pointer", "foreign free", |pool| {
        let other = Pool::builder().build();
        let foreign = allocate(&other, 32);
        let _own = allocate(pool, 32);
        // SAFETY: none: the call is the misuse under test.
        unsafe { pool.deallocate(foreign, layout(32)) };
    });
}

#[test]
fn a_pointer_into_a_slot() {
    ends_with("a_pointer_into_a_slot", "not the start", |pool| {
        let start = allocate(pool, 64);
        // SAFETY: none: the call is the misuse under test.
        unsafe { pool.deallocate(start.add(16), layout(48)) };
    });
}

#[test]
fn an_unaligned_pointer_into_a_slot() {
    ends_with(
        "an_unaligned_pointer_into_a_slot",
        "not the start",
        |pool| {
            let start = allocate(pool, 64);
            // SAFETY: none: the call is the misuse under test.
            unsafe { pool.deallocate(start.add(5), layout(48)) };
        },
    );
}

#[test]
fn a_pointer_into_pages() {
    ends_with("a_pointer_into_pages", "not the start", |pool| {
        let start = allocate(pool, 100_000);
        // SAFETY: none: the call is the misuse under test.
        unsafe { pool.deallocate(start.add(8192), layout(48)) };
    });
}

#[test]
fn overflow_behind_the_arena_is_a_fault() {
    let output = run("overflow_behind_the_arena_is_a_fault", Setup::new(), || {
        let page = stayput_sys::page_size();
        let pool = Pool::builder().max_locked(page).build();
        let mut block = pool.block(page).expect("within limits");
        let end = block.as_mut_slice().as_mut_ptr_range().end;
        // SAFETY: none: writing behind the arena is the misuse under test.
        unsafe { end.write_volatile(1) };
    });
    if let Some(output) = output {
        assert_eq!(end(output.status), Some(End::Fault));
    }
}
