//! What probes work with: pages to arrange, and eyes.

use crate::observe::{self, Area, Proc};
use stayput_sys::limits::{Limit, Resource, getrlimit, setrlimit};
use stayput_sys::raw::{self, Fork, MapArgs, Playground, Source};
use std::fs::File;
use std::io;

pub(crate) use stayput_sys::page_size;

/// `PROT_*`.
pub(crate) const NONE: u32 = 0;
pub(crate) const READ: u32 = 1;
pub(crate) const WRITE: u32 = 2;
pub(crate) const READ_WRITE: u32 = 3;
pub(crate) const EXEC: u32 = 4;
/// `MLOCK_ONFAULT`.
pub(crate) const ON_FAULT: u32 = 1;
/// `MCL_*`.
pub(crate) const CURRENT: u32 = 1;
pub(crate) const FUTURE: u32 = 2;
pub(crate) const LATER: u32 = 4;

/// `msync`: refused with `EBUSY` where the mapping is locked.
pub(crate) const MS_INVALIDATE: i32 = 2;
pub(crate) const EBUSY: i32 = 16;

/// Pages of the playground; enough to use up `vm.max_map_count`.
const PAGES: usize = 160 << 10;

/// Why a probe saw nothing.
#[derive(Debug)]
pub(crate) enum Stop {
    /// This machine or this user lacks something.
    Skip(String),
    /// A step that is not in question failed.
    Broken(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

pub(crate) type Outcome = Result<(), Stop>;

/// By which call a clause that holds for both is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    Mlock,
    /// With flags 0.
    Mlock2,
}

/// One probe's surroundings.
pub(crate) struct Scene {
    pub(crate) ground: Playground,
    pub(crate) proc: Proc,
    pub(crate) seen: Vec<String>,
    via: Via,
    /// `VmLck` at the start.
    before: u64,
    next: usize,
}

impl Scene {
    pub(crate) fn new(via: Via) -> io::Result<Self> {
        let mut proc = Proc::open()?;
        let before = proc.locked()?;
        let ground = Playground::new(PAGES * page_size())?;
        // One page stays free before each mapping, so that none are merged.
        let next = ground.start() + page_size();
        Ok(Self {
            ground,
            proc,
            seen: Vec::new(),
            via,
            before,
            next,
        })
    }

    // Arrangement.

    /// Room for `pages`, apart from everything else.
    pub(crate) fn room(&mut self, pages: usize) -> usize {
        let at = self.next;
        self.next += (pages + 1) * page_size();
        at
    }

    /// Maps private anonymous memory, readable and writable.
    pub(crate) fn map(&mut self, pages: usize) -> io::Result<usize> {
        self.map_as(pages, READ_WRITE, Source::Anonymous, 0)
    }

    pub(crate) fn map_as(
        &mut self,
        pages: usize,
        prot: u32,
        source: Source<'_>,
        flags: u32,
    ) -> io::Result<usize> {
        let addr = self.room(pages);
        self.ground.mmap(&MapArgs {
            addr,
            len: pages * page_size(),
            prot,
            source,
            flags,
            no_replace: false,
        })
    }

    pub(crate) fn map_shared(&mut self, pages: usize, prot: u32, file: &File) -> io::Result<usize> {
        self.map_as(pages, prot, Source::Shared(file, 0), 0)
    }

    pub(crate) fn write(&self, addr: usize, pages: usize) -> io::Result<()> {
        (0..pages).try_for_each(|page| self.ground.poke(addr + page * page_size(), 1))
    }

    /// `mlock`, or `mlock2` with flags 0.
    pub(crate) fn lock(&self, addr: usize, len: usize) -> io::Result<()> {
        match self.via {
            Via::Mlock => raw::mlock(addr, len),
            Via::Mlock2 => raw::mlock2(addr, len, 0),
        }
    }

    /// Without `CAP_IPC_LOCK`.
    pub(crate) fn unprivileged(&self) -> Outcome {
        if observe::has_ipc_lock()? {
            raw::drop_ipc_lock()?;
        }
        Ok(())
    }

    /// With it, or not at all.
    pub(crate) fn privileged(&self) -> Outcome {
        if crate::privilege::capability_counts()? {
            return Ok(());
        }
        Err(skip("needs CAP_IPC_LOCK"))
    }

    /// All probes but a few lock some pages: where hardly one may be locked, nothing
    /// that they see tells of the clause.
    pub(crate) fn may_probe(&self) -> Outcome {
        let hard = getrlimit(Resource::Memlock)?.hard;
        if hard >= 16 * page_size() as u64 || crate::privilege::capability_counts()? {
            return Ok(());
        }
        Err(skip(
            "needs a hard RLIMIT_MEMLOCK of 16 pages, or CAP_IPC_LOCK",
        ))
    }

    /// Sees to it that this many pages may be locked: a refusal would refute nothing.
    pub(crate) fn may_lock(&self, pages: usize) -> Outcome {
        if crate::privilege::capability_counts()? {
            return Ok(());
        }
        self.limit(pages * page_size())
    }

    /// Sets the soft limit, in bytes.
    pub(crate) fn limit(&self, bytes: usize) -> Outcome {
        let hard = getrlimit(Resource::Memlock)?.hard;
        let soft = bytes as u64;
        if soft > hard {
            return Err(skip("needs a higher hard RLIMIT_MEMLOCK"));
        }
        setrlimit(Resource::Memlock, Limit { soft, hard })?;
        Ok(())
    }

    /// Unprivileged with that soft limit.
    pub(crate) fn confined(&self, bytes: usize) -> Outcome {
        self.unprivileged()?;
        self.limit(bytes)
    }

    /// Where the first mapping of that name lies: its start and length.
    pub(crate) fn named(&self, name: &str) -> Result<(usize, usize), Stop> {
        let maps = std::fs::read_to_string("/proc/self/maps")?;
        let line = maps.lines().find(|line| line.ends_with(name));
        let bounds = line.and_then(|line| line.split(' ').next()?.split_once('-'));
        let hex = |text| usize::from_str_radix(text, 16).ok();
        match bounds.and_then(|(start, end)| Some((hex(start)?, hex(end)?))) {
            Some((start, end)) => Ok((start, end - start)),
            None => Err(skip(&format!("this process has no {name}"))),
        }
    }

    /// Runs something in a child; its exit code, or the negated signal.
    pub(crate) fn in_child(&mut self, work: impl FnOnce(&mut Self) -> Outcome) -> io::Result<i32> {
        match raw::fork()? {
            Fork::Parent(child) => raw::wait(child),
            Fork::Child => {
                let done = self.proc.reopen().map_err(Stop::from);
                raw::exit(match done.and_then(|()| work(self)) {
                    Ok(()) => 0,
                    Err(_) => 1,
                })
            }
        }
    }

    // Observation.

    /// Notes whether a call succeeded.
    pub(crate) fn note<T>(&mut self, result: io::Result<T>) {
        self.seen.push(match result {
            Ok(_) => "succeeds".to_owned(),
            Err(error) => match error.raw_os_error() {
                Some(number) => format!("fails with {}", symbol(number)),
                None => format!("fails: {error}"),
            },
        });
    }

    /// Notes the lock flags of pages, by address.
    pub(crate) fn pages(&mut self, addresses: impl IntoIterator<Item = usize>) -> Outcome {
        let addresses: Vec<usize> = addresses.into_iter().collect();
        let highest = addresses.iter().max().copied().unwrap_or(0);
        self.proc.read_areas(highest as u64 + 1)?;
        let words = addresses.iter();
        let words = words.map(|addr| flags(&self.proc.areas, *addr));
        let text = words.fold("VmFlags".to_owned(), |text, word| text + " " + word);
        self.seen.push(text);
        Ok(())
    }

    /// Notes the lock flags of a run of pages.
    pub(crate) fn run(&mut self, addr: usize, pages: usize) -> Outcome {
        self.pages((0..pages).map(|page| addr + page * page_size()))
    }

    /// Notes which pages are resident.
    pub(crate) fn resident(&mut self, addresses: impl IntoIterator<Item = usize>) -> Outcome {
        let mut text = "resident ".to_owned();
        for addr in addresses {
            let mut byte = [0];
            self.ground.mincore(addr, page_size(), &mut byte)?;
            text.push(if byte[0] & 1 == 0 { '0' } else { '1' });
        }
        self.seen.push(text);
        Ok(())
    }

    pub(crate) fn resident_run(&mut self, addr: usize, pages: usize) -> Outcome {
        self.resident((0..pages).map(|page| addr + page * page_size()))
    }

    /// Notes `VmLck`, less what it was at the start.
    pub(crate) fn charged(&mut self) -> Outcome {
        let now = self.proc.locked()?;
        let change =
            i64::try_from(now).unwrap_or(i64::MAX) - i64::try_from(self.before).unwrap_or(i64::MAX);
        let pages = change / i64::try_from(page_size()).unwrap_or(1);
        self.seen.push(format!("VmLck {pages:+} pages"));
        Ok(())
    }

    /// Notes how a child ended.
    pub(crate) fn signalled(&mut self, code: i32) {
        self.seen.push(if code < 0 {
            format!("signal {}", -code)
        } else {
            format!("exit code {code}")
        });
    }

    pub(crate) fn holds(&mut self, held: bool) {
        let text = if held { "holds" } else { "does not hold" };
        self.seen.push(text.to_owned());
    }

    /// Notes what another process saw.
    pub(crate) fn holds_in(&mut self, code: i32) {
        self.holds(code == 0);
    }

    /// A field of the page's mapping in smaps, in bytes.
    pub(crate) fn smaps(&self, addr: usize, field: &str) -> io::Result<u64> {
        let text = std::fs::read_to_string("/proc/self/smaps")?;
        let mut inside = false;
        for line in text.lines() {
            if let Some((start, end)) = bounds(line) {
                inside = (start..end).contains(&addr);
            } else if inside && line.starts_with(field) {
                let number = line
                    .split_whitespace()
                    .nth(1)
                    .and_then(|n| n.parse::<u64>().ok());
                return Ok(number.unwrap_or(0) * 1024);
            }
        }
        Err(io::Error::other(format!(
            "smaps has no {field} for {addr:#x}"
        )))
    }

    /// A flag of the page's mapping in smaps.
    pub(crate) fn has_flag(&self, addr: usize, flag: &str) -> io::Result<bool> {
        let text = std::fs::read_to_string("/proc/self/smaps")?;
        let mut inside = false;
        for line in text.lines() {
            if let Some((start, end)) = bounds(line) {
                inside = (start..end).contains(&addr);
            } else if inside && line.starts_with("VmFlags:") {
                return Ok(line.split_whitespace().any(|word| word == flag));
            }
        }
        Ok(false)
    }
}

/// An empty pool of huge pages, or the reason to skip.
pub(crate) fn no_huge_pages() -> Outcome {
    let pool = std::fs::read_to_string("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages");
    match pool {
        Ok(free) if free.trim() == "0" => Ok(()),
        Ok(_) => Err(skip("expected no free huge page of 2 MiB")),
        Err(error) => Err(skip(&format!("huge pages of 2 MiB: {error}"))),
    }
}

pub(crate) fn skip(why: &str) -> Stop {
    Stop::Skip(why.to_owned())
}

fn bounds(line: &str) -> Option<(usize, usize)> {
    let (start, end) = line.split(' ').next()?.split_once('-')?;
    let hex = |text| usize::from_str_radix(text, 16).ok();
    Some((hex(start)?, hex(end)?))
}

/// As `contract::Page` is written.
fn flags(areas: &[Area], addr: usize) -> &'static str {
    let addr = addr as u64;
    let area = areas
        .iter()
        .find(|area| (area.start..area.end).contains(&addr));
    match area.map(|area| (area.locked, area.on_fault)) {
        None => "(unmapped)",
        Some((false, _)) => "--",
        Some((true, false)) => "lo",
        Some((true, true)) => "lo+lf",
    }
}

/// The names of asm-generic/errno-base.h that the contract uses.
fn symbol(number: i32) -> String {
    let known = match number {
        1 => "EPERM",
        4 => "EINTR",
        5 => "EIO",
        11 => "EAGAIN",
        12 => "ENOMEM",
        14 => "EFAULT",
        16 => "EBUSY",
        17 => "EEXIST",
        22 => "EINVAL",
        38 => "ENOSYS",
        _ => return format!("errno {number}"),
    };
    known.to_owned()
}
