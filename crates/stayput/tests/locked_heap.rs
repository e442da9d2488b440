//! A whole program on a locked heap: this one.

#[cfg(feature = "tracing")]
#[path = "support/listener.rs"]
mod listener;
#[path = "support/observe.rs"]
mod observe;
#[path = "support/own_process.rs"]
mod own_process;
#[cfg(unix)]
#[path = "support/seccomp.rs"]
mod seccomp;

use observe::{HARDENED, has, in_fork_child, mapping_at};
use own_process::{Setup, own_process};
use stayput::LockedHeap;
use stayput::inspect::Flag;
use std::process::Command;

#[global_allocator]
static HEAP: LockedHeap = LockedHeap::new();

#[test]
fn what_is_allocated_is_locked_and_left_out_of_dumps() {
    let small = String::from("correct horse");
    let large = vec![1u8; 300_000];
    for start in [small.as_ptr(), large.as_ptr(), &large[299_999]] {
        let mapping = mapping_at(start);
        for flag in HARDENED.iter().filter(|flag| **flag != Flag::WipeOnFork) {
            assert!(mapping.has(*flag), "{mapping:?}");
        }
        assert!(!mapping.has(Flag::WipeOnFork), "{mapping:?}");
    }
    let stack = 0u8;
    assert!(!has(&stack, Flag::Locked), "the control: no heap");
}

#[test]
fn it_is_shown_in_memory_of_its_own() {
    let shown = format!("{HEAP:?}");
    assert!(shown.contains("locked") && !shown.contains("0x"), "{shown}");
}

#[test]
fn growth_keeps_content_and_wipes_where_it_was() {
    let mut bytes = vec![0xa5u8; 100];
    let before = bytes.as_ptr();
    bytes.reserve_exact(5_000);
    assert!(bytes.iter().all(|&byte| byte == 0xa5));
    assert_ne!(bytes.as_ptr(), before);
    // SAFETY: the slot lies in the heap's arena, which stays mapped. Another
    // thread may hold it by now, but not with this content.
    let left = unsafe { before.add(50).read_volatile() };
    assert_ne!(left, 0xa5);
}

#[test]
fn every_alignment_is_served() {
    #[repr(align(8192))]
    struct Wide([u8; 3]);
    let wide: Vec<_> = (0..10).map(|i| Box::new(Wide([i; 3]))).collect();
    for (i, wide) in (0..).zip(&wide) {
        assert_eq!(std::ptr::from_ref(&**wide).addr() % 8192, 0);
        assert_eq!(wide.0, [i; 3]);
    }
}

#[test]
fn threads_and_programs_start() {
    let threads: Vec<_> = (0..8u8)
        .map(|i| {
            std::thread::spawn(move || vec![i; 10_000].into_iter().map(u64::from).sum::<u64>())
        })
        .collect();
    for (i, thread) in (0..).zip(threads) {
        assert_eq!(thread.join().expect("no panic"), i * 10_000);
    }
    let (program, words): (_, &[&str]) = if cfg!(windows) {
        ("cmd", &["/c", "echo", "arguments"])
    } else {
        ("echo", &["arguments"])
    };
    let said = Command::new(program).args(words).output();
    assert_eq!(said.expect("started").stdout.trim_ascii(), b"arguments");
}

#[test]
fn a_fork_child_finds_its_heap_as_it_was() {
    own_process(
        "a_fork_child_finds_its_heap_as_it_was",
        Setup::new(),
        || {
            let kept = String::from("arguments");
            assert_eq!(in_fork_child(|| u8::from(kept == "arguments")), Ok(1));
        },
    );
}

// Not on Windows: there is no seccomp.
#[cfg(unix)]
#[test]
fn what_can_not_be_locked_is_refused_and_nothing_is_lost() {
    let name = "what_can_not_be_locked_is_refused_and_nothing_is_lost";
    if !seccomp::works(name) {
        return;
    }
    own_process(name, Setup::new(), || {
        let kept = vec![7u8; 10_000];
        // Locked pages to go on with: the test itself allocates.
        drop(vec![0u8; 8 << 20]);
        seccomp::refuse(libc::SYS_mlock, libc::EPERM);
        let mut more: Vec<u8> = Vec::new();
        more.try_reserve(64 << 20).expect_err("mlock is refused");
        assert!(kept.iter().all(|&byte| byte == 7));
        assert!(has(kept.as_ptr(), Flag::Locked));
    });
}

#[cfg(feature = "tracing")]
mod tracing {
    use super::listener::Listener;
    use super::own_process::{Setup, is_root, own_process};
    use super::{Flag, HEAP, has};
    use ::tracing::Event;
    use std::sync::{Arc, Mutex};

    #[test]
    fn who_listens_to_its_growth_may_free_what_it_handed_out() {
        let name = "tracing::who_listens_to_its_growth_may_free_what_it_handed_out";
        if !is_root(name) {
            return;
        }
        let limits = Setup::new().memlock_soft_hard(1 << 20, 8 << 20);
        own_process(name, limits.without_ipc_lock(), || {
            let log = Arc::new(Mutex::new(vec![7u8; 1000]));
            let before = log.lock().expect("whole").as_ptr();
            assert!(has(before, Flag::Locked), "the heap's");
            let used = HEAP.stats().used;
            let writer = Arc::clone(&log);
            // Notes each event in a vector that is full, which so moves.
            let notes = Listener(move |_: &Event<'_>| {
                let mut log = writer.lock().expect("whole");
                let full = log.capacity();
                log.resize(full + 1, 7);
            });
            ::tracing::subscriber::with_default(notes, || drop(vec![1u8; 3 << 20]));
            let bytes = log.lock().expect("whole");
            assert_ne!(
                bytes.as_ptr(),
                before,
                "the limit was raised, which is an event"
            );
            assert!(bytes.iter().all(|&byte| byte == 7));
            // SAFETY: the slot lies in the heap's arena, which stays mapped.
            assert_ne!(unsafe { before.add(500).read_volatile() }, 7, "wiped");
            drop(vec![1u8; 100]);
            assert!(HEAP.stats().used < used, "and taken back");
        });
    }
}
