//! Address space in which mappings may be made and torn down at will.

use super::outside;
use crate::backends::raw as imp;
use crate::page::kernel_page_size;
use std::fs::File;
use std::io::{self, Write};

pub use crate::contract::{MapArgs, RemapArgs, Source};

/// [`MapArgs::flags`]: lock the mapping.
pub const MAP_LOCKED: u32 = imp::MAP_LOCKED;
/// [`MapArgs::flags`]: bring its pages in.
pub const MAP_POPULATE: u32 = imp::MAP_POPULATE;
/// [`MapArgs::flags`]: don't, if that would read from a device.
pub const MAP_NONBLOCK: u32 = imp::MAP_NONBLOCK;

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
        let len = args.len.checked_next_multiple_of(grain);
        self.check(args.addr, len.unwrap_or(usize::MAX))?;
        if args.flags & !(MAP_LOCKED | MAP_POPULATE | MAP_NONBLOCK) != 0 {
            return Err(outside("expected no other flag than those named"));
        }
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
        if len.div_ceil(kernel_page_size()) > resident.len() {
            return Err(outside("the answer needs a byte for each page"));
        }
        // SAFETY: the slice has a byte for each page, as was just checked.
        unsafe { imp::mincore(addr, len, resident.as_mut_ptr()) }
    }

    /// `msync` inside the playground.
    ///
    /// # Errors
    /// The kernel's; `InvalidInput` for a range that leaves the playground.
    ///
    /// # References
    /// msync(2).
    pub fn msync(&self, addr: usize, len: usize, flags: i32) -> io::Result<()> {
        self.check(addr, len)?;
        // SAFETY: the range lies inside the playground, as was just checked.
        unsafe { imp::msync(addr, len, flags) }
    }

    /// `read` from a file into the playground: the kernel stores, so that what a
    /// store of one's own would end by a signal is an error here.
    ///
    /// # Errors
    /// The kernel's (`EFAULT` where nothing can be stored); `InvalidInput` for a
    /// range that leaves the playground.
    ///
    /// # References
    /// read(2).
    pub fn read(&self, file: &File, addr: usize, len: usize) -> io::Result<usize> {
        self.check(addr, len)?;
        // SAFETY: no Rust object lives in the playground.
        unsafe { imp::read(file, addr, len) }
    }

    /// Stores one byte. Where nothing may be written that is the end of the
    /// process, by a signal.
    ///
    /// # Errors
    /// `InvalidInput` for an address outside the playground.
    pub fn poke(&self, addr: usize, byte: u8) -> io::Result<()> {
        self.check(addr, 1)?;
        // SAFETY: no Rust object lives in the playground; a fault is a signal.
        unsafe { imp::poke(addr, byte) };
        Ok(())
    }

    /// Loads one byte. Where nothing may be read that is the end of the process,
    /// by a signal.
    ///
    /// # Errors
    /// `InvalidInput` for an address outside the playground.
    pub fn peek(&self, addr: usize) -> io::Result<u8> {
        self.check(addr, 1)?;
        // SAFETY: no Rust object lives in the playground; a fault is a signal.
        Ok(unsafe { imp::peek(addr) })
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
            let _ = writeln!(
                io::stderr(),
                "stayput-sys: the playground was not unmapped: {error}"
            );
        }
    }
}
