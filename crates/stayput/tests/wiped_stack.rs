//! What work leaves on the stack, and what the wipe leaves of that.
//!
//! Not on Windows: reads the stack in /proc/self/mem.
#![cfg(unix)]

use stayput::secret::with_wiped_stack;
use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt;

/// Puts what no other code does on the stack, `depth` bytes down.
#[inline(never)]
fn litter(depth: usize) {
    let mut frame = [0u64; 128];
    frame.fill(black_box(MARK));
    if depth > 1024 {
        litter(depth - 1024);
    }
    black_box(&frame);
}

const MARK: u64 = 0x5eed_face_5eed_face;

/// How much litter lies in the 64 KiB of stack below.
fn found() -> usize {
    let mut stack = vec![0; 64 << 10];
    let here = std::ptr::from_ref(&stack).expose_provenance() - stack.len();
    let memory = File::open("/proc/self/mem").expect("own memory");
    let read = memory.read_exact_at(&mut stack, here as u64);
    read.expect("a thread's stack is mapped whole");
    let words = stack.chunks_exact(8);
    words.filter(|word| *word == MARK.to_ne_bytes()).count()
}

#[test]
fn litter_is_found_unless_wiped() {
    litter(20_000);
    assert!(found() > 1000, "the control: {}", found());
    with_wiped_stack(32_000, || litter(20_000));
    assert_eq!(found(), 0);
    let panicking = std::panic::catch_unwind(|| {
        with_wiped_stack(32_000, || {
            litter(20_000);
            std::panic::resume_unwind(Box::new(()));
        });
    });
    assert!(panicking.is_err());
    assert_eq!(found(), 0, "after a panic");
}
