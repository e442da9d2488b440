//! The threads of a process, and where their stacks are.

use super::process::Process;
use std::fs;
use std::io;

/// One thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Thread {
    /// The kernel's number for it.
    pub id: u32,
    /// Its stack pointer; `None` while it runs (the kernel tells where threads
    /// wait) and for a process that one may not trace.
    pub stack_pointer: Option<u64>,
}

/// The threads of a process, in the kernel's order (`/proc/PID/task`).
///
/// # Errors
/// `NotFound` where there is no such process or no `/proc`.
pub fn threads(process: Process) -> io::Result<Vec<Thread>> {
    let mut threads = Vec::new();
    for entry in process.entries("task")? {
        let entry = entry?;
        let Some(id) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        // A thread that ended meanwhile has no file; one may not be readable.
        let syscall = fs::read_to_string(entry.path().join("syscall")).unwrap_or_default();
        threads.push(Thread {
            id,
            stack_pointer: stack_pointer(&syscall),
        });
    }
    Ok(threads)
}

/// The last but one word: `number arguments... stack-pointer program-counter`,
/// `-1 stack-pointer program-counter` outside a call, or `running`.
fn stack_pointer(syscall: &str) -> Option<u64> {
    let mut words = syscall.split_ascii_whitespace().rev().skip(1);
    u64::from_str_radix(words.next()?.strip_prefix("0x")?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn stack_pointers_are_read() {
        assert_eq!(stack_pointer("running\n"), None);
        assert_eq!(stack_pointer(""), None);
        assert_eq!(stack_pointer("-1 0x7ffc10 0x7f66\n"), Some(0x7f_fc10));
        assert_eq!(
            stack_pointer("202 0x1 0x2 0x3 0x4 0x5 0x6 0x7fff90 0x7f66\n"),
            Some(0x7f_ff90)
        );
    }

    #[test]
    fn a_waiting_thread_is_found_on_its_stack() {
        if let Err(error) = super::super::mappings(Process::Current) {
            return eprintln!("SKIPPED a_waiting_thread_is_found_on_its_stack: {error}");
        }
        let (stop, wait) = std::sync::mpsc::channel::<()>();
        let (tell, address) = std::sync::mpsc::channel();
        let waiting = std::thread::spawn(move || {
            let local = 0u8;
            tell.send(std::ptr::from_ref(&local).addr() as u64)
                .expect("heard");
            wait.recv().expect_err("closed");
        });
        let address = address.recv().expect("told");
        let mappings = super::super::mappings(Process::Current).expect("own smaps");
        let stack = mappings
            .iter()
            .find(|mapping| mapping.contains(address))
            .expect("mapped");
        // It may still be on its way into the call.
        let start = Instant::now();
        let is_found = || {
            let threads = threads(Process::Current).expect("own tasks");
            let mut pointers = threads.iter().filter_map(|thread| thread.stack_pointer);
            pointers.any(|pointer| stack.contains(pointer))
        };
        while !is_found() {
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "no stack pointer in {stack:?}"
            );
            std::thread::yield_now();
        }
        drop(stop);
        waiting.join().expect("no panic");
    }
}
