//! Linux.

use crate::complain::complain;
use anyhow::{Context, Result};
use libc::{c_int, c_long, c_void, pid_t};
use stayput_sys::PageRange;
use std::ffi::CString;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Command;

/// Why there are no experiments here, if there are none.
pub(crate) fn unavailable() -> Option<String> {
    None
}

/// Makes `file` a swap area of the highest priority.
pub(crate) fn swap_on(file: &Path) -> io::Result<()> {
    let path = c_path(file)?;
    let flags = SWAP_FLAG_PREFER | SWAP_FLAG_PRIO_MASK;
    // SAFETY: the path is a live C string; the kernel checks file and rights.
    check(unsafe { libc::swapon(path.as_ptr(), flags) })
}

/// Ends the use of `file` as a swap area; what lies there is read back.
pub(crate) fn swap_off(file: &Path) -> io::Result<()> {
    let path = c_path(file)?;
    // SAFETY: the path is a live C string; the kernel checks the rest.
    check(unsafe { libc::swapoff(path.as_ptr()) })
}

/// Opens a file for reading past the page cache; buffers and offsets must be
/// aligned to the device's blocks.
pub(crate) fn open_direct(file: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_DIRECT)
        .open(file)
}

/// A new directory that its owner alone can enter.
pub(crate) fn create_dir(dir: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(dir)
}

/// A new file that its owner alone can read.
pub(crate) fn create_file(file: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).open(file)
}

/// Has the command's process end with this one, whatever ends this one, and be
/// deaf to the terminal's Ctrl-C, which is for this one to handle.
pub(crate) fn tie_to_parent(command: &mut Command) {
    let parent = std::process::id();
    let tie = move || {
        // SAFETY: plain system calls with integers, allowed between fork and exec.
        unsafe {
            check(libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL))?;
            libc::signal(libc::SIGINT, libc::SIG_IGN);
            // The parent may have gone before the first call.
            if u32::try_from(libc::getppid()) == Ok(parent) {
                Ok(())
            } else {
                Err(io::Error::from_raw_os_error(libc::ESRCH))
            }
        }
    };
    // SAFETY: the closure makes async-signal-safe calls only and allocates nothing.
    unsafe { command.pre_exec(tie) };
}

/// Leaves the terminal's session and ignores the signals that end its programs.
pub(crate) fn leave_terminal() -> io::Result<()> {
    // SAFETY: plain system calls; no handler is installed.
    unsafe {
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGPIPE] {
            libc::signal(signal, libc::SIG_IGN);
        }
        // Fails only for a group leader, which a fresh child is not.
        check(libc::setsid().min(0))
    }
}

/// Lets any process of the same user trace this one, where Yama asks.
pub(crate) fn allow_tracers() {
    // EINVAL where Yama is absent: then nobody asks.
    // SAFETY: the option takes an integer only.
    unsafe { libc::prctl(libc::PR_SET_PTRACER, libc::PR_SET_PTRACER_ANY) };
}

/// Asks the kernel to write the pages to swap at once.
pub(crate) fn page_out(range: PageRange) -> io::Result<()> {
    // SAFETY: the advice moves pages and changes no content.
    check(unsafe { libc::madvise(range.as_ptr(), range.len(), MADV_PAGEOUT) })
}

/// Ends a process.
pub(crate) fn kill(process: u32) -> io::Result<()> {
    // SAFETY: sends a signal to a process, never to a group (the number is positive).
    check(unsafe { libc::kill(pid(process)?, libc::SIGKILL) })
}

/// A pipe through which a process looks at its own memory without a fault.
pub(crate) struct Window {
    reader: OwnedFd,
    writer: OwnedFd,
}

impl Window {
    pub(crate) fn open() -> io::Result<Self> {
        let mut ends = [0; 2];
        // SAFETY: the array takes the two descriptors.
        check(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) })?;
        let [reader, writer] = ends.map(|fd| {
            // SAFETY: the kernel has just handed the descriptor to us alone.
            unsafe { OwnedFd::from_raw_fd(fd) }
        });
        Ok(Self { reader, writer })
    }

    /// Copies what lies at `address`; `EFAULT` where nothing readable does.
    /// `buffer` must be no longer than a page, which a pipe always takes.
    pub(crate) fn read(&self, address: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let from = usize::try_from(address).map_err(io::Error::other)?;
        let from = std::ptr::with_exposed_provenance::<c_void>(from);
        // SAFETY: the kernel copies; a bad address is EFAULT, not a fault.
        let sent = size(unsafe { libc::write(self.writer.as_raw_fd(), from, buffer.len()) })?;
        // SAFETY: `buffer` is writable and at least `sent` bytes long.
        size(unsafe { libc::read(self.reader.as_raw_fd(), buffer.as_mut_ptr().cast(), sent) })
    }
}

/// Reads another process's memory by `process_vm_readv`.
pub(crate) fn read_process(process: u32, address: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let local = libc::iovec {
        iov_base: buffer.as_mut_ptr().cast(),
        iov_len: buffer.len(),
    };
    let remote = libc::iovec {
        iov_base: remote(address)?,
        iov_len: buffer.len(),
    };
    // SAFETY: `local` describes `buffer`; the kernel checks the remote range.
    size(unsafe {
        libc::process_vm_readv(pid(process)?, &raw const local, 1, &raw const remote, 1, 0)
    })
}

/// A process stopped and read by ptrace; detached on drop. Stays on the thread
/// that attached: the kernel answers no other.
pub(crate) struct Tracer {
    process: pid_t,
    /// Not `Send`.
    _thread: std::marker::PhantomData<*const ()>,
}

impl Tracer {
    pub(crate) fn attach(process: u32) -> io::Result<Self> {
        let process = pid(process)?;
        ptrace(
            PTRACE_ATTACH,
            process,
            std::ptr::null_mut(),
            std::ptr::null_mut(),
        )?;
        let tracer = Self {
            process,
            _thread: std::marker::PhantomData,
        };
        let mut status = 0;
        // SAFETY: `status` takes the result; a stopped child is not reaped by this.
        check(unsafe { libc::waitpid(process, &raw mut status, libc::__WALL) }.min(0))?;
        Ok(tracer)
    }

    /// Reads word by word (`PTRACE_PEEKDATA`).
    pub(crate) fn read(&self, address: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        for part in buffer.chunks_mut(size_of::<c_long>()) {
            let mut word: c_long = 0;
            // The system call itself stores the word; libc's form returns it,
            // which mixes it up with errors.
            ptrace(
                PTRACE_PEEKDATA,
                self.process,
                remote(address + done as u64)?,
                (&raw mut word).cast(),
            )?;
            part.copy_from_slice(&word.to_ne_bytes()[..part.len()]);
            done += part.len();
        }
        Ok(done)
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        let nothing = std::ptr::null_mut();
        let detached = ptrace(PTRACE_DETACH, self.process, nothing, nothing);
        if let Err(error) = detached {
            // The tracee has ended, and with it the tracing.
            let process = self.process;
            complain(format_args!(
                "stayput-prove: process {process} was not detached: {error}"
            ));
        }
    }
}

/// Runs `work` in a fork child and waits for its end. The calling process must
/// have a single thread, since a fork copies no other.
pub(crate) fn in_fork_child(work: impl FnOnce() -> Result<()>) -> Result<()> {
    // SAFETY: the process has a single thread (the caller's promise), so the
    // child's copy of every lock and of the heap is consistent.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let outcome = catch_unwind(AssertUnwindSafe(work));
        let code = c_int::from(!matches!(outcome, Ok(Ok(()))));
        // SAFETY: ends the child without running what the parent has registered.
        unsafe { libc::_exit(code) };
    }
    check(child.min(0)).context("fork")?;
    let mut status = 0;
    // SAFETY: `status` takes the result.
    check(unsafe { libc::waitpid(child, &raw mut status, 0) }.min(0)).context("waitpid")?;
    anyhow::ensure!(
        status == 0,
        "the fork child failed (wait status {status:#x})"
    );
    Ok(())
}

/// Whether access was denied as such, so that nothing was tried.
pub(crate) fn is_refusal(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::EPERM | libc::EACCES | libc::ENOSYS)
    )
}

fn ptrace(
    request: c_long,
    process: pid_t,
    address: *mut c_void,
    data: *mut c_void,
) -> io::Result<()> {
    // SAFETY: of the requests used here only PEEKDATA writes, one word at `data`,
    // which its caller owns.
    let result = unsafe {
        libc::syscall(
            libc::SYS_ptrace,
            request,
            c_long::from(process),
            address,
            data,
        )
    };
    check(if result == 0 { 0 } else { -1 })
}

fn remote(address: u64) -> io::Result<*mut c_void> {
    let address = usize::try_from(address).map_err(io::Error::other)?;
    Ok(std::ptr::without_provenance_mut(address))
}

fn pid(process: u32) -> io::Result<pid_t> {
    pid_t::try_from(process).map_err(io::Error::other)
}

fn c_path(path: &Path) -> io::Result<CString> {
    CString::new(path.as_os_str().as_bytes()).map_err(io::Error::other)
}

fn check(result: c_int) -> io::Result<()> {
    match result {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

fn size(result: isize) -> io::Result<usize> {
    usize::try_from(result).map_err(|_| io::Error::last_os_error())
}

const MADV_PAGEOUT: c_int = 21; // asm-generic/mman-common.h, Linux 5.4
// sys/swap.h, which libc does not have.
const SWAP_FLAG_PREFER: c_int = 0x8000;
const SWAP_FLAG_PRIO_MASK: c_int = 0x7fff;
// linux/ptrace.h; libc's types for these differ by C library.
const PTRACE_PEEKDATA: c_long = 2;
const PTRACE_ATTACH: c_long = 16;
const PTRACE_DETACH: c_long = 17;
