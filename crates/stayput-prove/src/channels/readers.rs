//! Another process reads the victim's memory where the secrets lie.

use super::{Outcomes, directory, outcomes, unavailable};
use crate::expectation::Channel;
use crate::janitor::Janitor;
use crate::marker::{LEN, Seed};
use crate::report::Outcome;
use crate::victim::Victim;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

pub(super) fn run(channel: Channel, seed: Seed, janitor: &Janitor) -> io::Result<Outcomes> {
    let victim = Victim::start(seed, &directory(janitor)?, janitor, |_| Ok(()))?;
    let reader = Reader::new(channel, victim.id())?;
    Ok(outcomes(&victim, |storage, pieces| {
        let mut safe = String::from("nothing to read");
        for &(start, _) in pieces {
            let mut bytes = [0; LEN];
            match reader.read(start, &mut bytes) {
                Ok(()) if seed.starts(storage.index(), &bytes) => {
                    return Outcome::Leaked("the reader gets the marker".into());
                }
                Ok(()) => safe = "the reader gets other bytes".into(),
                Err(error) => safe = format!("the reader gets: {error}"),
            }
        }
        Outcome::Safe(safe)
    }))
}

/// One way to read another process's memory.
enum Reader {
    ProcMem(File),
    VmReadv(libc::pid_t),
    Ptrace(Attached),
}

impl Reader {
    fn new(channel: Channel, id: u32) -> io::Result<Self> {
        let pid = libc::pid_t::try_from(id).map_err(io::Error::other)?;
        match channel {
            Channel::ProcMem => Ok(Self::ProcMem(File::open(format!("/proc/{id}/mem"))?)),
            Channel::VmReadv => Ok(Self::VmReadv(pid)),
            _ => Attached::to(pid).map(Self::Ptrace).map_err(|error| {
                unavailable(format!(
                    "ptrace is refused (kernel.yama.ptrace_scope?): {error}"
                ))
            }),
        }
    }

    fn read(&self, start: usize, bytes: &mut [u8; LEN]) -> io::Result<()> {
        match self {
            Self::ProcMem(memory) => memory.read_exact_at(bytes, start as u64),
            Self::VmReadv(pid) => vm_readv(*pid, start, bytes),
            Self::Ptrace(attached) => attached.read(start, bytes),
        }
    }
}

fn vm_readv(pid: libc::pid_t, start: usize, bytes: &mut [u8; LEN]) -> io::Result<()> {
    let local = libc::iovec {
        iov_base: bytes.as_mut_ptr().cast(),
        iov_len: LEN,
    };
    let remote = libc::iovec {
        iov_base: std::ptr::with_exposed_provenance_mut(start),
        iov_len: LEN,
    };
    // SAFETY: `local` describes `bytes`; the kernel checks `remote` in the other
    // process.
    match unsafe { libc::process_vm_readv(pid, &local, 1, &remote, 1, 0) } {
        len if usize::try_from(len) == Ok(LEN) => Ok(()),
        -1 => Err(io::Error::last_os_error()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// A stopped process; it goes on when this is dropped.
struct Attached(libc::pid_t);

impl Attached {
    fn to(pid: libc::pid_t) -> io::Result<Self> {
        // SAFETY: attaching takes the number only.
        if unsafe { libc::ptrace(libc::PTRACE_ATTACH, pid, 0, 0) } != 0 {
            return Err(io::Error::last_os_error());
        }
        let attached = Self(pid);
        let mut status = 0;
        // SAFETY: the process is our child and `status` is live.
        if unsafe { libc::waitpid(pid, &mut status, libc::__WALL) } != pid {
            return Err(io::Error::last_os_error());
        }
        Ok(attached)
    }

    fn read(&self, start: usize, bytes: &mut [u8; LEN]) -> io::Result<()> {
        for (offset, word) in bytes.chunks_mut(size_of::<libc::c_long>()).enumerate() {
            let address = start + offset * size_of::<libc::c_long>();
            // SAFETY: errno is this thread's; the kernel checks the address in
            // the other process. -1 may be content, so errno decides.
            let peeked = unsafe {
                *libc::__errno_location() = 0;
                libc::ptrace(libc::PTRACE_PEEKDATA, self.0, address, 0)
            };
            let error = io::Error::last_os_error();
            if error.raw_os_error() != Some(0) {
                return Err(error);
            }
            word.copy_from_slice(&peeked.to_ne_bytes()[..word.len()]);
        }
        Ok(())
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        // SAFETY: detaching takes the number only. A victim that is gone needs
        // no detaching.
        unsafe { libc::ptrace(libc::PTRACE_DETACH, self.0, 0, 0) };
    }
}
