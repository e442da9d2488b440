//! `crate::launch` on Linux; libc's Android lacks `sigwaitinfo`.

use crate::backends::posix::check;
use crate::contract::{Secure, Sender, Signal};
use libc::{c_int, c_ulong, c_void};
use std::ffi::{CString, OsStr, c_char};
use std::fs::File;
use std::io;
use std::mem::{MaybeUninit, zeroed};
use std::os::fd::{AsRawFd, FromRawFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

pub(crate) fn exec(command: &mut Command) -> io::Error {
    command.exec()
}

pub(crate) fn name(command: &mut Command, name: &OsStr) {
    command.arg0(name);
}

/// Half of the capabilities that capget(2) reads and writes.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Sets {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

pub(crate) fn pass_on_ipc_lock() -> io::Result<()> {
    const VERSION_3: u32 = 0x2008_0522; // linux/capability.h
    let mut thread = [VERSION_3, 0];
    let mut sets = [Sets::default(); 2];
    let (header, data) = (thread.as_mut_ptr(), sets.as_mut_ptr());
    // SAFETY: the header is a version and a thread (0: this one), the version has
    // two sets; both are live.
    check_long(unsafe { libc::syscall(libc::SYS_capget, header, data) })?;
    sets[0].inheritable |= 1 << CAP_IPC_LOCK;
    // SAFETY: as above; the sets are only read.
    check_long(unsafe { libc::syscall(libc::SYS_capset, thread.as_mut_ptr(), sets.as_ptr()) })?;
    let (number, unused): (c_ulong, c_ulong) = (CAP_IPC_LOCK.into(), 0);
    // SAFETY: this option takes integers only.
    check(unsafe { libc::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, unused, unused) })
}

/// As the kernel decides in `bprm_creds_from_file` and `cap_bprm_creds_from_file`:
/// who already is that user, and who is root, gains nothing.
pub(crate) fn starts_secure(program: &Path) -> io::Result<Option<Secure>> {
    let file = std::fs::metadata(program)?;
    // SAFETY: these two have no preconditions.
    let (user, group) = unsafe { (libc::getuid(), libc::getgid()) };
    let has = |bit| file.mode() & bit != 0;
    Ok(if gains_nothing() {
        None
    } else if has(SET_UID) && file.uid() != user {
        Some(Secure::SetUid)
    } else if has(SET_GID) && has(GROUP_EXECUTES) && file.gid() != group {
        Some(Secure::SetGid)
    } else if user != 0 && has_capabilities(program)? {
        Some(Secure::FileCapabilities)
    } else {
        None
    })
}

/// `no_new_privs`: no file's marks count.
fn gains_nothing() -> bool {
    let unused: c_ulong = 0;
    // SAFETY: this option takes integers only.
    unsafe { libc::prctl(libc::PR_GET_NO_NEW_PRIVS, unused, unused, unused, unused) == 1 }
}

fn has_capabilities(program: &Path) -> io::Result<bool> {
    let path = CString::new(program.as_os_str().as_bytes())?;
    let name = c"security.capability";
    let (nowhere, nothing) = (std::ptr::null_mut::<c_void>(), 0);
    // SAFETY: both strings end in NUL; at size 0 nothing is written.
    let size = unsafe { libc::getxattr(path.as_ptr(), name.as_ptr(), nowhere, nothing) };
    if size >= 0 {
        return Ok(size > 0);
    }
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        Some(libc::ENODATA | libc::ENOTSUP) => Ok(false),
        _ => Err(error),
    }
}

/// The end to read from, and the one to write to.
pub(crate) fn pipe() -> io::Result<(File, File)> {
    let mut ends: [RawFd; 2] = [0; 2];
    // SAFETY: the array has room for the two descriptors.
    check(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) })?;
    // SAFETY: the kernel has just handed both to us alone.
    let [reader, writer] = ends.map(|end| unsafe { File::from_raw_fd(end) });
    Ok((reader, writer))
}

#[allow(clippy::unnecessary_wraps, reason = "the signature is the contract")]
pub(crate) fn number(end: &File) -> io::Result<i32> {
    Ok(end.as_raw_fd())
}

pub(crate) fn closes(reader: &File, patience: Duration) -> io::Result<bool> {
    let mut asked = libc::pollfd {
        fd: reader.as_raw_fd(),
        events: 0, // its end is told without being asked for
        revents: 0,
    };
    let until = Instant::now() + patience;
    loop {
        let left = until.saturating_duration_since(Instant::now()).as_millis();
        let left = c_int::try_from(left).unwrap_or(c_int::MAX);
        // SAFETY: one live element, whose descriptor is open.
        match unsafe { libc::poll(&mut asked, 1, left) } {
            -1 => match io::Error::last_os_error() {
                error if error.kind() == io::ErrorKind::Interrupted => {}
                error => return Err(error),
            },
            _ => return Ok(asked.revents & libc::POLLHUP != 0),
        }
    }
}

pub(crate) unsafe fn inherited(number: i32) -> io::Result<File> {
    set_descriptor_flags(number, libc::FD_CLOEXEC)?;
    // SAFETY: it is open, as the call above found, and the caller says whose.
    Ok(unsafe { File::from_raw_fd(number) })
}

fn set_descriptor_flags(number: RawFd, flags: c_int) -> io::Result<()> {
    // SAFETY: changes a flag of a descriptor, or fails.
    check(unsafe { libc::fcntl(number, libc::F_SETFD, flags) })
}

/// A signal mask.
pub(crate) struct Mask(libc::sigset_t);

impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mask")
    }
}

pub(crate) fn hold_signals() -> io::Result<Mask> {
    // Ignored, as a parent may have left it, it would never come.
    // SAFETY: the default action is no handler of ours.
    if unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) } == libc::SIG_ERR {
        return Err(io::Error::last_os_error());
    }
    let mut before = MaybeUninit::uninit();
    let held = held();
    // SAFETY: both sets are live; the first is initialised.
    set_mask(unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &held, before.as_mut_ptr()) })?;
    // SAFETY: the call has filled it.
    Ok(Mask(unsafe { before.assume_init() }))
}

/// Those that stop stay, so that a terminal's control-Z does what it does; so do
/// those that faults of this process raise.
fn held() -> libc::sigset_t {
    const NOT: [c_int; 10] = [
        libc::SIGTSTP,
        libc::SIGTTIN,
        libc::SIGTTOU,
        libc::SIGSEGV,
        libc::SIGBUS,
        libc::SIGFPE,
        libc::SIGILL,
        libc::SIGTRAP,
        libc::SIGABRT,
        libc::SIGPIPE,
    ];
    // SAFETY: a sigset_t is integers, filled by the call below; the numbers are
    // signals' own.
    unsafe {
        let mut set = zeroed();
        libc::sigfillset(&mut set);
        for signal in NOT {
            libc::sigdelset(&mut set, signal);
        }
        set
    }
}

pub(crate) fn wait_for_signal() -> io::Result<Signal> {
    let held = held();
    // SAFETY: all-zero bytes are a valid siginfo_t.
    let mut info: libc::siginfo_t = unsafe { zeroed() };
    loop {
        // SAFETY: both are live.
        let number = unsafe { libc::sigwaitinfo(&held, &mut info) };
        if number > 0 {
            const SI_KERNEL: c_int = 0x80; // asm-generic/siginfo.h
            let sender = match info.si_code {
                SI_KERNEL => Sender::Kernel,
                _ => Sender::Process,
            };
            return Ok(Signal { number, sender });
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

pub(crate) fn spawn(before: &Mask, command: &mut Command, inherited: &File) -> io::Result<Child> {
    let (before, end) = (before.0, inherited.as_raw_fd());
    // SAFETY: has no preconditions.
    let parent = unsafe { libc::getpid() };
    let prepare = move || {
        set_descriptor_flags(end, 0)?;
        // SAFETY: the set is initialised, the old one is not asked for.
        set_mask(unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut())
        })?;
        // SAFETY: this option takes an integer only.
        check(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as c_ulong) })?;
        // SAFETY: has no preconditions. A parent that has ended before the promise
        // was made will not end again.
        match unsafe { libc::getppid() } == parent {
            true => Ok(()),
            false => Err(io::Error::from_raw_os_error(libc::ESRCH)),
        }
    };
    // SAFETY: the closure makes system calls only and allocates nothing, as the
    // child of a process with threads must.
    unsafe { command.pre_exec(prepare) }.spawn()
}

/// The call returns an error number instead of setting `errno`.
fn set_mask(result: c_int) -> io::Result<()> {
    match result {
        0 => Ok(()),
        error => Err(io::Error::from_raw_os_error(error)),
    }
}

pub(crate) fn is_of_child(signal: i32) -> bool {
    signal == libc::SIGCHLD
}

pub(crate) fn send(process: u32, signal: i32) -> io::Result<()> {
    let process = libc::pid_t::try_from(process).map_err(io::Error::other)?;
    // SAFETY: sends a signal to a child that was not waited for: the number is its.
    check(unsafe { libc::kill(process, signal) })
}

pub(crate) fn ended_by(status: ExitStatus) -> Option<i32> {
    status.signal()
}

pub(crate) fn environment() -> *mut *mut c_char {
    unsafe extern "C" {
        static environ: *mut *mut c_char;
    }
    // SAFETY: the C library's, which sets it before any of the program's code runs.
    unsafe { environ }
}

pub(crate) fn runs_secure() -> bool {
    // SAFETY: no preconditions. 0 also means that the kernel did not say, which all
    // that this library runs on do.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

pub(crate) fn in_fork_children(handler: extern "C" fn()) -> io::Result<()> {
    // SAFETY: a C function without arguments, which lives as long as the program.
    set_mask(unsafe { libc::pthread_atfork(None, None, Some(handler)) })
}

fn check_long(result: libc::c_long) -> io::Result<()> {
    check(if result == 0 { 0 } else { -1 })
}

const CAP_IPC_LOCK: u32 = 14; // linux/capability.h
const PR_CAP_AMBIENT: c_int = 47; // linux/prctl.h, Linux 4.3
const PR_CAP_AMBIENT_RAISE: c_ulong = 2;
const SET_UID: u32 = 0o4000; // inode(7)
const SET_GID: u32 = 0o2000;
const GROUP_EXECUTES: u32 = 0o0010;
