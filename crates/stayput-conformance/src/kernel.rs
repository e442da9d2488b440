//! Makes a call for real.

use crate::generate::{FILE_PAGES, SECRET_PAGES, SIZE};
use crate::step::page_size;
use stayput_spec::model::{Advice, Call, Kind, MapRequest, Placement, Protection, RemapRequest};
use stayput_sys::limits::{Limit, Resource, setrlimit};
use stayput_sys::raw::{self, MapArgs, Playground, RemapArgs, Source};
use std::fs::File;
use std::io;

/// The kernel's side: address space to play in, and files to map.
#[derive(Debug)]
pub(crate) struct Kernel {
    pub(crate) playground: Playground,
    file: File,
    secret: Option<File>,
}

impl Kernel {
    pub(crate) fn new(with_secret: bool) -> io::Result<Self> {
        let secret = if with_secret {
            Some(raw::memfd_secret(bytes(SECRET_PAGES * page_size()), 0)?)
        } else {
            None
        };
        Ok(Self {
            playground: Playground::new(bytes(SIZE))?,
            file: raw::memfd(bytes(FILE_PAGES * page_size()))?,
            secret,
        })
    }

    /// Makes any call but fork and exec: the value, or the error.
    pub(crate) fn make(&self, call: &Call) -> io::Result<u64> {
        let ground = &self.playground;
        let done = match *call {
            Call::Mmap(ref request) => return self.mmap(request).map(|at| at as u64),
            Call::Mremap(ref request) => return self.mremap(request).map(|at| at as u64),
            Call::Munmap(addr, len) => ground.munmap(bytes(addr), bytes(len)),
            Call::Mprotect(addr, len, protection) => {
                ground.mprotect(bytes(addr), bytes(len), prot(protection))
            }
            Call::Madvise(addr, len, advice) => {
                ground.madvise(bytes(addr), bytes(len), number(advice))
            }
            Call::Mlock(addr, len) => raw::mlock(bytes(addr), bytes(len)),
            Call::Mlock2(addr, len, flags) => raw::mlock2(bytes(addr), bytes(len), flags),
            Call::Munlock(addr, len) => raw::munlock(bytes(addr), bytes(len)),
            Call::Mlockall(flags) => raw::mlockall(flags),
            Call::Munlockall => raw::munlockall(),
            Call::Setrlimit(limit) => setrlimit(
                Resource::Memlock,
                Limit {
                    soft: limit.soft,
                    hard: limit.hard,
                },
            ),
            Call::DropCapability => raw::drop_ipc_lock(),
            Call::Fork | Call::Exec => Err(io::Error::other("made by the sequence itself")),
        };
        done.map(|()| 0)
    }

    fn mmap(&self, request: &MapRequest) -> io::Result<usize> {
        let source = match request.kind {
            Kind::Droppable => Source::Droppable,
            Kind::HugeTlb => Source::HugeTlb,
            Kind::File {
                offset,
                shared: false,
                ..
            } => Source::Private(&self.file, offset * page_size()),
            Kind::File { offset, .. } => Source::Shared(&self.file, offset * page_size()),
            Kind::Secret { offset, .. } => {
                let secret = self.secret.as_ref();
                let file = secret.ok_or_else(|| io::Error::other("no secret memory here"))?;
                Source::Shared(file, offset * page_size())
            }
            _ => Source::Anonymous,
        };
        self.playground.mmap(&MapArgs {
            addr: bytes(request.addr),
            len: bytes(request.len),
            prot: prot(request.protection),
            source,
            flags: if request.locked { raw::MAP_LOCKED } else { 0 },
            no_replace: request.placement == Placement::FixedNoReplace,
        })
    }

    fn mremap(&self, request: &RemapRequest) -> io::Result<usize> {
        self.playground.mremap(&RemapArgs {
            addr: bytes(request.addr),
            old_len: bytes(request.old_len),
            new_len: bytes(request.new_len),
            flags: request.flags,
            new_addr: bytes(request.new_addr),
        })
    }
}

/// An address or length as the machine has it; the mlock family runs on 64 bits.
pub(crate) fn bytes(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

fn prot(protection: Protection) -> u32 {
    u32::from(protection.read) | u32::from(protection.write) << 1
}

/// `MADV_*` of asm-generic/mman-common.h.
fn number(advice: Advice) -> i32 {
    match advice {
        Advice::DontNeed => 4,
        Advice::Free => 8,
        Advice::Cold => 20,
        Advice::PageOut => 21,
        Advice::PopulateRead => 22,
        Advice::PopulateWrite => 23,
        Advice::DontNeedLocked => 24,
    }
}
