//! The controlling terminal of a Unix process.
//!
//! Echo is a setting of the terminal, not of the process that changed it: it stays off
//! when the process is gone, and the shell that takes over types blind. So the signals
//! that end or stop a process are caught, by [`signals`].

mod signals;

use super::posix::check;
use libc::{c_int, termios};
use std::cell::UnsafeCell;
use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::Once;
use std::sync::atomic::{AtomicI32, Ordering};

pub(crate) fn standard_input() -> io::Result<File> {
    Ok(io::stdin().as_fd().try_clone_to_owned()?.into())
}

/// The terminal with echo off. There is one at a time: signals know of no other.
#[derive(Debug)]
pub(crate) struct Terminal(File);

impl Terminal {
    pub(crate) fn open() -> io::Result<Self> {
        let claim = CHANGED.claim()?;
        let file = File::options()
            .read(true)
            .write(true)
            .custom_flags(libc::O_NOCTTY)
            .open("/dev/tty")?;
        let before = attributes(file.as_raw_fd())?;
        claim.publish(file.as_raw_fd(), before);
        // From here on the drop puts everything back.
        let terminal = Self(file);
        restore_at_exit();
        signals::catch()?;
        terminal.turn_echo_off()?;
        Ok(terminal)
    }

    pub(crate) fn file(&self) -> &File {
        &self.0
    }

    /// Unlike a signal's handler this waits, by a stop, for its turn if the process is
    /// in the background.
    fn turn_echo_off(&self) -> io::Result<()> {
        let quiet = without_echo(CHANGED.before());
        loop {
            // SAFETY: an open descriptor and initialised attributes.
            match check(unsafe { libc::tcsetattr(self.0.as_raw_fd(), libc::TCSAFLUSH, &quiet) }) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // In a fork child it is the parent's, or this process has one of its own by now:
        // that is still open, so its descriptor has another number.
        if !CHANGED.is_ours() || CHANGED.descriptor() != self.0.as_raw_fd() {
            return;
        }
        // Before the claim is lifted, for a signal that ends the process in between; and
        // after, for one that stopped it, and so turned the echo off again.
        CHANGED.restore();
        CHANGED.owner.store(CLAIMED, Ordering::Release);
        signals::release();
        CHANGED.restore();
        CHANGED.owner.store(NOBODY, Ordering::Release);
    }
}

/// The one terminal that is changed, as signal handlers see it.
pub(super) static CHANGED: Changed = Changed {
    owner: AtomicI32::new(NOBODY),
    descriptor: AtomicI32::new(-1),
    before: UnsafeCell::new(MaybeUninit::uninit()),
};

/// No process has these numbers.
const NOBODY: i32 = 0;
const CLAIMED: i32 = -1;

pub(super) struct Changed {
    /// The process that changed it: a fork child leaves it alone.
    owner: AtomicI32,
    descriptor: AtomicI32,
    before: UnsafeCell<MaybeUninit<termios>>,
}

// SAFETY: `before` is written by the one that claimed it and read once published.
unsafe impl Sync for Changed {}

/// The right to publish a terminal; given up when dropped before that.
struct Claim;

impl Changed {
    fn claim(&self) -> io::Result<Claim> {
        let (order, failed) = (Ordering::Acquire, Ordering::Relaxed);
        let mut seen = NOBODY;
        loop {
            match self.owner.compare_exchange(seen, CLAIMED, order, failed) {
                Ok(_) => return Ok(Claim),
                // A fork child inherited its parent's claim.
                Err(owner) if owner > 0 && owner != process() => seen = owner,
                Err(_) => {
                    return Err(io::Error::new(
                        io::ErrorKind::ResourceBusy,
                        "another prompt of this process has the terminal: wait for it to end",
                    ));
                }
            }
        }
    }

    /// Whether this process changed the terminal and has not restored it.
    pub(super) fn is_ours(&self) -> bool {
        self.owner.load(Ordering::Acquire) == process()
    }

    fn descriptor(&self) -> c_int {
        self.descriptor.load(Ordering::Relaxed)
    }

    fn before(&self) -> termios {
        // SAFETY: published before anybody who calls this could.
        unsafe { (*self.before.get()).assume_init() }
    }

    /// Back to how it was. Async-signal-safe.
    pub(super) fn restore(&self) {
        self.set(&self.before());
    }

    /// Echo off again. Async-signal-safe.
    pub(super) fn quieten(&self) {
        self.set(&without_echo(self.before()));
    }

    /// In the background the terminal is somebody else's, who set it to his own liking.
    /// Errors have nobody to go to: a terminal that is gone needs no restoring.
    fn set(&self, attributes: &termios) {
        let descriptor = self.descriptor();
        // SAFETY: calls without preconditions but for initialised attributes; the
        // descriptor is open while the terminal is published.
        unsafe {
            let foreground = libc::tcgetpgrp(descriptor);
            if foreground == -1 || foreground == libc::getpgrp() {
                libc::tcsetattr(descriptor, libc::TCSANOW, attributes);
            }
        }
    }
}

impl Claim {
    fn publish(self, descriptor: c_int, before: termios) {
        // SAFETY: claimed, and so nobody reads it before the owner is stored.
        unsafe { (*CHANGED.before.get()).write(before) };
        CHANGED.descriptor.store(descriptor, Ordering::Relaxed);
        CHANGED.owner.store(process(), Ordering::Release);
        std::mem::forget(self);
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        CHANGED.owner.store(NOBODY, Ordering::Release);
    }
}

/// Also when another thread calls `exit`.
fn restore_at_exit() {
    extern "C" fn restore() {
        if CHANGED.is_ours() {
            CHANGED.restore();
        }
    }
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        // SAFETY: the function has no preconditions. It fails for want of memory only,
        // and signals and drops restore the terminal all the same.
        unsafe { libc::atexit(restore) };
    });
}

fn attributes(descriptor: c_int) -> io::Result<termios> {
    let mut attributes = MaybeUninit::uninit();
    // SAFETY: an open descriptor and room for the attributes.
    check(unsafe { libc::tcgetattr(descriptor, attributes.as_mut_ptr()) })?;
    // SAFETY: written, since the call succeeded.
    Ok(unsafe { attributes.assume_init() })
}

fn without_echo(mut attributes: termios) -> termios {
    attributes.c_lflag &= !(libc::ECHO | libc::ECHONL);
    attributes
}

fn process() -> i32 {
    // SAFETY: getpid has no preconditions.
    unsafe { libc::getpid() }
}
