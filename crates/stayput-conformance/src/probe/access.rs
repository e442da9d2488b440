//! What a lock does for access: populated, no faults, marked unevictable.

use super::Probe;
use super::scene::{EXEC, Outcome, READ, READ_WRITE, Scene, WRITE, page_size, skip};
use stayput_sys::raw::{self, Source};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::time::Duration;

pub(super) const PROBES: &[(&str, Probe)] = &[
    ("mlock.effect.any-access-but-none", any_access),
    ("mlock.effect.no-fault-on-write", no_fault),
    ("mlock.effect.shared-file", shared_file),
    ("mlock.effect.smaps-locked", smaps_locked),
    ("mlock.effect.page-unevictable", unevictable),
    ("mlock.effect.special-skipped", special),
    ("mlock.effect.droppable-skipped", droppable),
];

fn any_access(s: &mut Scene) -> Outcome {
    let mut pages = Vec::new();
    for prot in [READ, WRITE, READ | EXEC] {
        pages.push(s.map_as(1, prot, Source::Anonymous, 0)?);
    }
    for page in &pages {
        s.note(s.lock(*page, page_size()));
    }
    s.pages(pages.clone())?;
    s.resident(pages)
}

/// The least of some rounds: in one of them a page of the program's own may fault as well.
fn no_fault(s: &mut Scene) -> Outcome {
    let mut stat = File::open("/proc/self/stat")?;
    let (mut unlocked, mut locked) = (u64::MAX, u64::MAX);
    let mut lock = Ok(());
    for _ in 0..4 {
        let control = read_pages(s)?;
        unlocked = unlocked.min(faults_of_writes(s, &mut stat, control)?);
        let p = read_pages(s)?;
        lock = lock.and(s.lock(p, 16 * page_size()));
        locked = locked.min(faults_of_writes(s, &mut stat, p)?);
        s.ground.munmap(p, 16 * page_size())?;
    }
    s.note(lock);
    s.holds(unlocked >= 16 && locked == 0);
    Ok(())
}

/// 16 pages, each of which is still the page of zeros.
fn read_pages(s: &mut Scene) -> io::Result<usize> {
    let p = s.map(16)?;
    (0..16).try_for_each(|page| s.ground.peek(p + page * page_size()).map(drop))?;
    Ok(p)
}

fn faults_of_writes(s: &Scene, stat: &mut File, p: usize) -> io::Result<u64> {
    let before = faults(stat)?;
    s.write(p, 16)?;
    let after = faults(stat)?;
    Ok(after.0 + after.1 - before.0 - before.1)
}

/// Minor and major faults so far: what getrusage says, without allocating.
fn faults(stat: &mut File) -> io::Result<(u64, u64)> {
    let mut text = [0_u8; 1024];
    stat.seek(SeekFrom::Start(0))?;
    let got = stat.read(&mut text)?;
    let text = std::str::from_utf8(&text[..got]).map_err(io::Error::other)?;
    let rest = text.rsplit_once(')').map_or(text, |(_, rest)| rest);
    // After the name: state is field 3 of proc(5), minflt 10, majflt 12.
    let mut fields = rest.split(' ').skip(8);
    let minor = fields.next().and_then(|field| field.parse().ok());
    let major = fields.nth(1).and_then(|field| field.parse().ok());
    minor
        .zip(major)
        .ok_or_else(|| io::Error::other("/proc/self/stat has no fault counts"))
}

fn shared_file(s: &mut Scene) -> Outcome {
    let file = raw::memfd(0)?;
    file.set_len(3 * page_size() as u64)?;
    let p = s.map_shared(3, WRITE, &file)?;
    s.note(s.lock(p, 3 * page_size()));
    s.run(p, 3)?;
    s.resident_run(p, 3)?;
    s.charged()
}

fn smaps_locked(s: &mut Scene) -> Outcome {
    s.may_lock(256)?;
    let p = s.map_as(256, WRITE, Source::Anonymous, 0)?;
    s.note(s.lock(p, 256 * page_size()));
    let size = s.smaps(p, "Size:")?;
    let equal = s.smaps(p, "Rss:")? == size && s.smaps(p, "Locked:")? == size;
    s.holds(size == 256 * page_size() as u64 && equal);
    Ok(())
}

fn unevictable(s: &mut Scene) -> Outcome {
    let p = s.map(1)?;
    s.write(p, 1)?;
    let before = marks(p)?;
    s.note(s.lock(p, page_size()));
    let locked = settled(p, (true, true))?;
    raw::munlock(p, page_size())?;
    let after = settled(p, (false, false))?;
    s.holds(before == (false, false) && locked && after);
    Ok(())
}

/// Marks are set in batches: waits until they are as expected.
fn settled(addr: usize, expected: (bool, bool)) -> Result<bool, super::scene::Stop> {
    for _ in 0..2000 {
        if marks(addr)? == expected {
            return Ok(true);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(false)
}

/// Bits 18 and 33 of the page's frame in `/proc/kpageflags`.
fn marks(addr: usize) -> Result<(bool, bool), super::scene::Stop> {
    let entry = word("/proc/self/pagemap", (addr / page_size()) as u64)?;
    let frame = entry & ((1 << 55) - 1);
    if frame == 0 {
        return Err(skip("needs CAP_SYS_ADMIN to see page frames"));
    }
    let flags = word("/proc/kpageflags", frame)
        .map_err(|error| skip(&format!("/proc/kpageflags: {error}")))?;
    Ok((flags & (1 << 18) != 0, flags & (1 << 33) != 0))
}

fn word(path: &str, index: u64) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let mut bytes = [0; 8];
    file.seek(SeekFrom::Start(index * 8))?;
    file.read_exact(&mut bytes)?;
    Ok(u64::from_ne_bytes(bytes))
}

fn special(s: &mut Scene) -> Outcome {
    let (vdso, len) = s.named("[vdso]")?;
    s.note(s.lock(vdso, len));
    s.run(vdso, 1)?;
    s.charged()?;
    s.note(raw::munlock(vdso, len));
    Ok(())
}

fn droppable(s: &mut Scene) -> Outcome {
    let p = map_droppable(s, 2)?;
    s.note(s.lock(p, 2 * page_size()));
    s.run(p, 2)?;
    s.resident_run(p, 2)?;
    s.charged()
}

pub(super) fn map_droppable(s: &mut Scene, pages: usize) -> Result<usize, super::scene::Stop> {
    match s.map_as(pages, READ_WRITE, Source::Droppable, 0) {
        Ok(p) => Ok(p),
        Err(error) if error.raw_os_error() == Some(22) => Err(skip("no MAP_DROPPABLE here")),
        Err(error) => Err(error.into()),
    }
}
