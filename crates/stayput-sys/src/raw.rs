//! Values that reach the kernel unchanged, for whoever tests the kernel.
//!
//! Unlike [`lock`](crate::lock), nothing is rounded, checked or answered here:
//! length 0, an address that nobody maps, flags that nobody defined and lengths
//! that wrap all go to the system call. Linux only; elsewhere every function is
//! [`Unsupported`](std::io::ErrorKind::Unsupported).
//!
//! # Why these functions are safe
//! - *Locking* a range changes no content, no protection and no mapping, so any
//!   number may be passed. What a program can lose is confidentiality (an
//!   unlocked page may be swapped) and speed, not memory safety.
//! - *Mapping* calls act on a [`Playground`] alone: address space that this
//!   process took for the purpose, to which no reference is ever made and in
//!   which no Rust object lives. They refuse to leave it.
//! - [`fork`] refuses in a process with more than one thread.

use crate::backends::raw as imp;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::Path;

/// `mlock(addr, len)`, unchanged.
///
/// # Errors
/// The kernel's.
///
/// # References
/// mlock(2).
pub fn mlock(addr: usize, len: usize) -> io::Result<()> {
    imp::mlock(addr, len)
}

/// `mlock2(addr, len, flags)`, unchanged.
///
/// # Errors
/// The kernel's.
///
/// # References
/// mlock2(2), since Linux 4.4.
pub fn mlock2(addr: usize, len: usize, flags: u32) -> io::Result<()> {
    imp::mlock2(addr, len, flags)
}

/// `munlock(addr, len)`, unchanged. Undoes locks of whoever made them.
///
/// # Errors
/// The kernel's.
///
/// # References
/// munlock(2).
pub fn munlock(addr: usize, len: usize) -> io::Result<()> {
    imp::munlock(addr, len)
}

/// `mlockall(flags)`, unchanged.
///
/// # Errors
/// The kernel's.
///
/// # References
/// mlockall(2).
pub fn mlockall(flags: u32) -> io::Result<()> {
    imp::mlockall(flags)
}

/// `munlockall()`. Undoes locks of whoever made them.
///
/// # Errors
/// The kernel's.
///
/// # References
/// munlockall(2).
pub fn munlockall() -> io::Result<()> {
    imp::munlockall()
}

/// What a mapping is made of.
#[derive(Clone, Copy, Debug)]
pub enum Source<'file> {
    /// `MAP_PRIVATE | MAP_ANONYMOUS`.
    Anonymous,
    /// `MAP_DROPPABLE | MAP_ANONYMOUS`, since Linux 6.11.
    Droppable,
    /// `MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE`, 2 MiB pages.
    HugeTlb,
    /// `MAP_PRIVATE` of a file, from an offset in bytes.
    Private(&'file File, u64),
    /// `MAP_SHARED` of a file, from an offset in bytes.
    Shared(&'file File, u64),
}

/// The arguments of [`Playground::mmap`].
#[derive(Clone, Copy, Debug)]
pub struct MapArgs<'file> {
    /// Where; need not be aligned.
    pub addr: usize,
    /// How many bytes; need not be aligned.
    pub len: usize,
    /// `PROT_*` bits.
    pub prot: u32,
    /// What.
    pub source: Source<'file>,
    /// `MAP_LOCKED`.
    pub locked: bool,
    /// `MAP_FIXED_NOREPLACE` instead of `MAP_FIXED`.
    pub no_replace: bool,
}

/// The arguments of [`Playground::mremap`].
#[derive(Clone, Copy, Debug)]
pub struct RemapArgs {
    /// Where the range begins.
    pub addr: usize,
    /// Its length in bytes.
    pub old_len: usize,
    /// The length that it is to have.
    pub new_len: usize,
    /// `MREMAP_*`; a move must name its target (`MREMAP_FIXED`).
    pub flags: u32,
    /// Where it is to be.
    pub new_addr: usize,
}

/// Address space to be mapped, cut up and torn down at will.
///
/// It lies below everything that the kernel places by itself (which it does from
/// the top down), so that a hole in it stays a hole, and so that `/proc/self/smaps`
/// lists it first. It begins at a multiple of 2 MiB.
#[derive(Debug)]
pub struct Playground {
    start: usize,
    len: usize,
}

impl Playground {
    /// Takes `len` bytes, a multiple of the page size; nothing is mapped there.
    ///
    /// # Errors
    /// `EEXIST` where no low address is free; `Unsupported` off Linux.
    pub fn new(len: usize) -> io::Result<Self> {
        imp::find_free(len).map(|start| Self { start, len })
    }

    /// The first address.
    #[must_use]
    pub const fn start(&self) -> usize {
        self.start
    }

    /// The length in bytes.
    #[must_use]
    #[expect(
        clippy::len_without_is_empty,
        reason = "address space, not a container"
    )]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// `mmap` inside the playground.
    ///
    /// # Errors
    /// The kernel's; `InvalidInput` for a range that leaves the playground.
    ///
    /// # References
    /// mmap(2).
    pub fn mmap(&self, args: &MapArgs<'_>) -> io::Result<usize> {
        let grain = match args.source {
            Source::HugeTlb => imp::HUGE_PAGE,
            _ => 1,
        };
        self.check(args.addr, args.len.next_multiple_of(grain))?;
        // SAFETY: the range lies inside the playground, as was just checked.
        unsafe { imp::mmap(args) }
    }

    /// `munmap` inside the playground.
    ///
    /// # Errors
    /// The kernel's; `InvalidInput` for a range that leaves the playground.
    ///
    /// # References
    /// munmap(2).
    pub fn munmap(&self, addr: usize, len: usize) -> io::Result<()> {
        self.check(addr, len)?;
        // SAFETY: the range lies inside the playground, as was just checked.
        unsafe { imp::munmap(addr, len) }
    }

    /// `mprotect` inside the playground.
    ///
    /// # Errors
    /// The kernel's; `InvalidInput` for a range that leaves the playground.
    ///
    /// # References
    /// mprotect(2).
    pub fn mprotect(&self, addr: usize, len: usize, prot: u32) -> io::Result<()> {
        self.check(addr, len)?;
        // SAFETY: the range lies inside the playground, as was just checked.
        unsafe { imp::mprotect(addr, len, prot) }
    }

    /// `mremap` inside the playground.
    ///
    /// # Errors
    /// The kernel's; `InvalidInput` for a range that leaves the playground, and
    /// for a move whose target the kernel would choose.
    ///
    /// # References
    /// mremap(2).
    pub fn mremap(&self, args: &RemapArgs) -> io::Result<usize> {
        self.check(args.addr, args.old_len)?;
        if imp::moves_to(args.flags) {
            self.check(args.new_addr, args.new_len)?;
        } else if imp::may_move(args.flags) {
            return Err(outside("a move must name its target"));
        } else {
            self.check(args.addr, args.new_len)?;
        }
        // SAFETY: old and new range lie inside the playground, as was just checked.
        unsafe { imp::mremap(args) }
    }

    /// `madvise` inside the playground; any advice but those that take page
    /// frames away from the machine.
    ///
    /// # Errors
    /// The kernel's; `InvalidInput` for a range that leaves the playground.
    ///
    /// # References
    /// madvise(2).
    pub fn madvise(&self, addr: usize, len: usize, advice: i32) -> io::Result<()> {
        self.check(addr, len)?;
        if matches!(advice, imp::MADV_HWPOISON | imp::MADV_SOFT_OFFLINE) {
            return Err(outside("this advice damages the machine"));
        }
        // SAFETY: the range lies inside the playground, as was just checked.
        unsafe { imp::madvise(addr, len, advice) }
    }

    /// `mincore` inside the playground: one byte a page, bit 0 counts.
    ///
    /// # Errors
    /// The kernel's (`ENOMEM` at a hole); `InvalidInput` for a range that leaves
    /// the playground or has more pages than `resident` has bytes.
    ///
    /// # References
    /// mincore(2).
    pub fn mincore(&self, addr: usize, len: usize, resident: &mut [u8]) -> io::Result<()> {
        self.check(addr, len)?;
        if len.div_ceil(crate::page_size()) > resident.len() {
            return Err(outside("the answer needs a byte for each page"));
        }
        // SAFETY: the slice has a byte for each page, as was just checked.
        unsafe { imp::mincore(addr, len, resident.as_mut_ptr()) }
    }

    /// Rounds up to pages, as the kernel will.
    fn check(&self, addr: usize, len: usize) -> io::Result<()> {
        let end = addr
            .checked_add(len)
            .and_then(|end| end.checked_next_multiple_of(crate::page_size()));
        match end {
            Some(end) if self.start <= addr && end <= self.start + self.len => Ok(()),
            _ => Err(outside("the range leaves the playground")),
        }
    }
}

impl Drop for Playground {
    fn drop(&mut self) {
        // SAFETY: the range is the playground's own. The only failure is a
        // wrong range, and then there is nothing that could be given back.
        if let Err(error) = unsafe { imp::munmap(self.start, self.len) } {
            eprintln!("stayput-sys: the playground was not unmapped: {error}");
        }
    }
}

/// A file in memory (`memfd_create`) of `len` bytes that are not zero.
///
/// # Errors
/// The kernel's.
///
/// # References
/// memfd_create(2).
pub fn memfd(len: usize) -> io::Result<File> {
    imp::memfd(len)
}

/// A `memfd_secret` of `len` bytes.
///
/// # Errors
/// The kernel's; `ENOSYS` where the kernel has none.
///
/// # References
/// memfd_secret(2), since Linux 5.14.
pub fn memfd_secret(len: usize) -> io::Result<File> {
    imp::memfd_secret(len)
}

/// Which side of a [`fork`] this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fork {
    /// The parent, and its child's process id.
    Parent(i32),
    /// The child.
    Child,
}

/// `fork`. The child is a copy in which everything works, since there was one
/// thread only; end it by [`exit`].
///
/// # Errors
/// The kernel's; `InvalidInput` in a process with more than one thread, whose
/// child might wait for ever on a lock that nobody holds.
///
/// # References
/// fork(2).
pub fn fork() -> io::Result<Fork> {
    if imp::threads()? != 1 {
        return Err(outside("fork needs a process with one thread"));
    }
    // SAFETY: with one thread no lock or half-made change of another's is copied.
    unsafe { imp::fork() }
}

/// Waits for a child: its exit code, or the negated number of the signal that
/// ended it.
///
/// # Errors
/// The kernel's.
///
/// # References
/// waitpid(2).
pub fn wait(pid: i32) -> io::Result<i32> {
    imp::wait(pid)
}

/// Ends the process at once, without destructors or handlers.
///
/// # References
/// `_exit`(2).
pub fn exit(code: i32) -> ! {
    imp::exit(code)
}

/// Replaces this program; returns only if that fails.
///
/// # References
/// execve(2).
#[must_use]
pub fn exec(program: &Path, args: &[&OsStr]) -> io::Error {
    imp::exec(program, args)
}

/// Gives `CAP_IPC_LOCK` up for good: from the effective, permitted, inheritable
/// and, as far as this process may, the bounding set, so that root does not get
/// it back by `execve`.
///
/// # Errors
/// The kernel's; `EPERM` for root without `CAP_SETPCAP`, who would get it back.
///
/// # References
/// capset(2), prctl(2): `PR_CAPBSET_DROP`.
pub fn drop_ipc_lock() -> io::Result<()> {
    imp::drop_ipc_lock()
}

/// Makes the C heap keep still: takes `bytes` now and gives nothing back, so
/// that later allocations up to that size change no mapping. No-op where the C
/// library has no such control.
pub fn settle_heap(bytes: usize) {
    imp::settle_heap(bytes);
}

fn outside(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}
