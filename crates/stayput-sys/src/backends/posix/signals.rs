//! Signals that end or stop the process, caught while a terminal is changed.

use super::super::posix::check;
use super::CHANGED;
#[cfg(any(target_os = "solaris", target_os = "illumos"))]
use libc::___errno as errno;
#[cfg(any(target_os = "android", target_os = "netbsd", target_os = "openbsd"))]
use libc::__errno as errno;
#[cfg(any(target_os = "linux", target_os = "dragonfly"))]
use libc::__errno_location as errno;
#[cfg(any(target_vendor = "apple", target_os = "freebsd"))]
use libc::__error as errno;
use libc::{c_int, c_void, sigaction, siginfo_t, sigset_t};
use std::cell::UnsafeCell;
use std::io;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

/// Caught where they have their default effect.
const BY_DEFAULT: [c_int; 17] = [
    libc::SIGHUP,
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGTERM,
    libc::SIGALRM,
    libc::SIGPIPE,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGXCPU,
    libc::SIGXFSZ,
    libc::SIGVTALRM,
    libc::SIGPROF,
    libc::SIGSYS,
    libc::SIGTRAP,
    libc::SIGTSTP,
    libc::SIGTTIN,
    libc::SIGTTOU,
];

/// Caught whatever handles them: Rust's own handler of stack overflows is there from
/// the start, and none of these lets the process go on.
const FATAL: [c_int; 5] = [
    libc::SIGABRT,
    libc::SIGSEGV,
    libc::SIGBUS,
    libc::SIGILL,
    libc::SIGFPE,
];

const COUNT: usize = BY_DEFAULT.len() + FATAL.len();

static CAUGHT: [Caught; COUNT] = [const { Caught::nothing() }; COUNT];

/// A signal's action before it was caught.
struct Caught {
    is_caught: AtomicBool,
    before: UnsafeCell<MaybeUninit<sigaction>>,
}

// SAFETY: `before` is written by the one that changes the terminal, before its signal
// is caught, and read by handlers.
unsafe impl Sync for Caught {}

impl Caught {
    const fn nothing() -> Self {
        Self {
            is_caught: AtomicBool::new(false),
            before: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }
}

/// Catches what is to be caught. To be called by the one that changed the terminal.
pub(super) fn catch() -> io::Result<()> {
    for (signal, caught) in signals().zip(&CAUGHT) {
        let now = action_of(signal)?;
        // A fork child inherited what its parent caught, and the action before that.
        if is_ours(&now) {
            continue;
        }
        let is_default = now.sa_sigaction == libc::SIG_DFL;
        if is_default || FATAL.contains(&signal) && now.sa_sigaction != libc::SIG_IGN {
            // SAFETY: nobody reads it while the signal is not caught.
            unsafe { (*caught.before.get()).write(now) };
            caught.is_caught.store(true, Ordering::Release);
            act(signal, &ours())?;
        }
    }
    Ok(())
}

/// Gives the signals back, but for those that somebody else took meanwhile.
pub(super) fn release() {
    for (signal, caught) in signals().zip(&CAUGHT) {
        if !caught.is_caught.load(Ordering::Acquire) {
            continue;
        }
        if action_of(signal).is_ok_and(|now| is_ours(&now)) {
            give_back(signal, caught);
        }
        caught.is_caught.store(false, Ordering::Release);
    }
}

/// Restores the terminal and lets the signal have the effect it had before. Where the
/// process goes on after that (a stop, a handler of its own), the echo is off again.
extern "C" fn on_signal(signal: c_int, info: *mut siginfo_t, _: *mut c_void) {
    let errno = Errno::keep();
    let caught = signals().zip(&CAUGHT).find(|(known, _)| *known == signal);
    let Some((_, caught)) = caught else { return };
    let is_changed = CHANGED.is_ours();
    if is_changed {
        CHANGED.restore();
    }
    give_back(signal, caught);
    // SAFETY: the system passes a live siginfo_t.
    let is_fault = FATAL[1..].contains(&signal) && unsafe { (*info).si_code } > 0;
    if is_fault {
        return; // the instruction is tried again, and faults again
    }
    take_effect(signal);
    if is_changed && CHANGED.is_ours() {
        // What the effect made of the action is what comes next: Rust's own handler of
        // faults is there for one. Another thread's handler may have been faster. A
        // refusal leaves the signal to itself.
        if let Some(now) = action_of(signal).ok().filter(|now| !is_ours(now)) {
            // SAFETY: only handlers of this signal use it, which has just been here.
            unsafe { (*caught.before.get()).write(now) };
            let _ = act(signal, &ours());
        }
        CHANGED.quieten();
    }
    drop(errno);
}

/// Sends the signal again and lets it through, here and now.
fn take_effect(signal: c_int) {
    let mut only = MaybeUninit::<sigset_t>::uninit();
    // SAFETY: the set is initialised before its use; all of these may be called in a
    // handler.
    unsafe {
        libc::sigemptyset(only.as_mut_ptr());
        libc::sigaddset(only.as_mut_ptr(), signal);
        libc::raise(signal);
        libc::pthread_sigmask(libc::SIG_UNBLOCK, only.as_ptr(), ptr::null_mut());
        libc::pthread_sigmask(libc::SIG_BLOCK, only.as_ptr(), ptr::null_mut());
    }
}

fn give_back(signal: c_int, caught: &Caught) {
    // SAFETY: a caught signal's action before is there.
    let before = unsafe { (*caught.before.get()).assume_init() };
    // What the system once accepted it accepts again.
    let _ = act(signal, &before);
}

fn action_of(signal: c_int) -> io::Result<sigaction> {
    let mut now = MaybeUninit::uninit();
    // SAFETY: room for the action.
    check(unsafe { libc::sigaction(signal, ptr::null(), now.as_mut_ptr()) })?;
    // SAFETY: written, since the call succeeded.
    Ok(unsafe { now.assume_init() })
}

fn is_ours(action: &sigaction) -> bool {
    action.sa_sigaction == ours().sa_sigaction
}

fn act(signal: c_int, action: &sigaction) -> io::Result<()> {
    // SAFETY: an initialised action, whose handler is ours or was there before.
    check(unsafe { libc::sigaction(signal, action, ptr::null_mut()) })
}

/// All signals wait while the handler runs, that of a write from the background too;
/// on the alternate stack, for a thread that has none left.
fn ours() -> sigaction {
    // SAFETY: zeros are a valid action (the default one); the set is initialised below.
    let mut action: sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    let handler: extern "C" fn(c_int, *mut siginfo_t, *mut c_void) = on_signal;
    action.sa_sigaction = handler as usize;
    action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESTART;
    // SAFETY: room for the set.
    unsafe { libc::sigfillset(&mut action.sa_mask) };
    action
}

fn signals() -> impl Iterator<Item = c_int> {
    BY_DEFAULT.into_iter().chain(FATAL)
}

/// The interrupted code's error number, put back at the end of a handler.
struct Errno(c_int);

impl Errno {
    fn keep() -> Self {
        // SAFETY: the thread's own error number.
        Self(unsafe { *errno() })
    }
}

impl Drop for Errno {
    fn drop(&mut self) {
        // SAFETY: as above.
        unsafe { *errno() = self.0 };
    }
}
