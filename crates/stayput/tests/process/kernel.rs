//! Memory and threads made by hand, and facts read from `/proc`.

use std::fs;
use std::io;
use std::ptr;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

/// An anonymous mapping; unmapped when dropped.
#[derive(Debug)]
pub(crate) struct Mapped {
    start: *mut libc::c_void,
    len: usize,
}

impl Mapped {
    pub(crate) fn new(len: usize, protection: i32) -> io::Result<Self> {
        Self::with_flags(len, protection, 0)
    }

    pub(crate) fn with_flags(len: usize, protection: i32, flags: i32) -> io::Result<Self> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | flags;
        // SAFETY: a fresh mapping touches nothing that exists.
        let start = unsafe { libc::mmap(ptr::null_mut(), len, protection, flags, -1, 0) };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        Ok(Self { start, len })
    }

    /// Inaccessible, read-only or writable, by `kind` modulo 3.
    pub(crate) fn of_kind(len: usize, kind: u8) -> io::Result<Self> {
        let protection = match kind % 3 {
            0 => libc::PROT_NONE,
            1 => libc::PROT_READ,
            _ => libc::PROT_READ | libc::PROT_WRITE,
        };
        Self::new(len, protection)
    }

    pub(crate) fn lock(&self) -> io::Result<()> {
        // SAFETY: owned, and mapped while `self` lives.
        unsafe { stayput_sys::mlock(self.start, self.len) }
    }

    pub(crate) fn start(&self) -> *const u8 {
        self.start.cast()
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: mapped by `with_flags`, and nothing refers into it.
        assert_eq!(unsafe { libc::munmap(self.start, self.len) }, 0);
    }
}

/// Threads that wait until this is dropped.
#[derive(Debug)]
pub(crate) struct Waiting(Vec<(mpsc::Sender<()>, JoinHandle<()>)>);

impl Waiting {
    pub(crate) fn with_stacks(sizes: &[usize]) -> Self {
        let start = |&size| {
            let (stop, wait) = mpsc::channel::<()>();
            let (tell, started) = mpsc::channel();
            let body = move || {
                tell.send(()).expect("heard");
                let _ = wait.recv();
            };
            let thread = thread::Builder::new().stack_size(size).spawn(body);
            started.recv().expect("started");
            (stop, thread.expect("room for a thread"))
        };
        Self(sizes.iter().map(start).collect())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        for (stop, thread) in self.0.drain(..) {
            drop(stop);
            thread.join().expect("no panic");
        }
    }
}

/// `mlockall` itself, for controls.
pub(crate) fn raw_mlockall(flags: i32) -> io::Result<()> {
    // SAFETY: locking touches no content.
    match unsafe { libc::mlockall(flags) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// The calling thread's scheduling policy (`/proc/thread-self/stat`, field 41)
/// and real-time priority (field 40).
pub(crate) fn scheduling() -> (i32, i32) {
    let stat = fs::read_to_string("/proc/thread-self/stat").expect("own stat");
    let after_name = stat.rsplit_once(')').expect("a name").1;
    let field = |number: usize| {
        let word = after_name.split_ascii_whitespace().nth(number - 3);
        word.and_then(|word| word.parse().ok()).expect("a number")
    };
    (field(41), field(40))
}

pub(crate) fn oom_score() -> i32 {
    let text = fs::read_to_string("/proc/self/oom_score_adj").expect("own score");
    text.trim().parse().expect("a number")
}

pub(crate) const PAGE: usize = 4096;
