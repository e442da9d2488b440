//! `memfd_secret`.

use super::Probe;
use super::scene::{
    CURRENT, EBUSY, MS_INVALIDATE, ON_FAULT, Outcome, READ_WRITE, Scene, Stop, page_size, skip,
};
use stayput_sys::raw::{self, Fork, Source};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

pub(super) const PROBES: &[(&str, Probe)] = &[
    ("memfd_secret.error.einval.flags", flags),
    ("memfd_secret.effect.locked-when-mapped", locked_when_mapped),
    (
        "memfd_secret.effect.charged-when-touched",
        charged_when_touched,
    ),
    ("memfd_secret.signal.sigbus-over-limit", sigbus_over_limit),
    ("memfd_secret.error.eagain.limit", limit),
    ("memfd_secret.capability.lifts-limit", lifts_limit),
    ("mlock.error.enomem.secretmem", lock),
    ("memfd_secret.effect.stays-locked", stays_locked),
    ("memfd_secret.error.einval.uses", uses),
    ("memfd_secret.effect.unreadable", unreadable),
    ("memfd_secret.effect.fork-shares", fork_shares),
];

const MADV_WIPEONFORK: i32 = 18;
const MADV_POPULATE_WRITE: i32 = 23;

/// Secret memory of `pages`, or the reason to skip.
fn secret(pages: usize) -> Result<File, Stop> {
    raw::memfd_secret(pages * page_size(), 0).map_err(|error| match error.raw_os_error() {
        Some(38) => skip("this kernel has no secret memory switched on"),
        _ => error.into(),
    })
}

/// Told by `msync`, so that probes may look at flags, charge and limit.
fn charged_at_map(s: &mut Scene) -> Result<bool, Stop> {
    let file = secret(1)?;
    let p = s.map_shared(1, READ_WRITE, &file)?;
    let refused = s.ground.msync(p, page_size(), MS_INVALIDATE);
    s.ground.munmap(p, page_size())?;
    match refused {
        Err(error) if error.raw_os_error() == Some(EBUSY) => Ok(true),
        other => Ok(other.map(|()| false)?),
    }
}

fn only_if_charged_at_map(s: &mut Scene) -> Outcome {
    match charged_at_map(s)? {
        true => Ok(()),
        false => Err(skip("this kernel charges secret memory when it is touched")),
    }
}

fn only_if_charged_at_touch(s: &mut Scene) -> Outcome {
    match charged_at_map(s)? {
        true => Err(skip("this kernel charges secret memory when it is mapped")),
        false => Ok(()),
    }
}

fn charged_when_touched(s: &mut Scene) -> Outcome {
    only_if_charged_at_touch(s)?;
    s.confined(0)?;
    map_and_look(s, 2)
}

fn map_and_look(s: &mut Scene, pages: usize) -> Outcome {
    let file = secret(pages)?;
    let p = s.map_shared(2, READ_WRITE, &file)?;
    s.note(Ok(p));
    s.run(p, 2)?;
    s.charged()?;
    let excluded = s.has_flag(p, "dd")?;
    s.holds(excluded);
    Ok(())
}

fn sigbus_over_limit(s: &mut Scene) -> Outcome {
    only_if_charged_at_touch(s)?;
    s.privileged()?;
    s.limit(0)?;
    let file = secret(1)?;
    let p = s.map_shared(1, READ_WRITE, &file)?;
    s.note(s.ground.madvise(p, page_size(), MADV_POPULATE_WRITE));
    s.note(s.ground.read(&File::open("/dev/zero")?, p, page_size()));
    let ended = s.in_child(|s| Ok(s.ground.poke(p, 1)?))?;
    s.signalled(ended);
    Ok(())
}

fn flags(s: &mut Scene) -> Outcome {
    secret(1)?;
    s.note(raw::memfd_secret(page_size(), 8));
    Ok(())
}

fn locked_when_mapped(s: &mut Scene) -> Outcome {
    only_if_charged_at_map(s)?;
    map_and_look(s, 4)
}

fn limit(s: &mut Scene) -> Outcome {
    only_if_charged_at_map(s)?;
    s.confined(2 * page_size())?;
    s.note(Ok(secret(9)?));
    let file = secret(9)?;
    let three = s.map_shared(3, READ_WRITE, &file);
    s.note(three);
    let two = s.map_shared(2, READ_WRITE, &file);
    s.note(two);
    s.limit(0)?;
    let one = s.map_shared(1, READ_WRITE, &file);
    s.note(one);
    s.note(raw::memfd_secret(page_size(), 0));
    s.charged()
}

fn lifts_limit(s: &mut Scene) -> Outcome {
    only_if_charged_at_map(s)?;
    s.privileged()?;
    s.limit(2 * page_size())?;
    let file = secret(3)?;
    s.note(Ok(()));
    let p = s.map_shared(3, READ_WRITE, &file);
    s.note(p);
    s.charged()
}

fn lock(s: &mut Scene) -> Outcome {
    let file = secret(2)?;
    let p = s.map_shared(2, READ_WRITE, &file)?;
    s.write(p, 1)?;
    let before = flags_and_charge(s, p)?;
    s.note(s.lock(p, page_size()));
    s.note(raw::mlock2(p, page_size(), ON_FAULT));
    let unchanged = flags_and_charge(s, p)? == before;
    s.holds(unchanged);
    Ok(())
}

fn flags_and_charge(s: &mut Scene, p: usize) -> Result<(bool, bool, u64), Stop> {
    let flags = (s.has_flag(p, "lo")?, s.has_flag(p, "lf")?);
    Ok((flags.0, flags.1, s.proc.locked()?))
}

fn stays_locked(s: &mut Scene) -> Outcome {
    only_if_charged_at_map(s)?;
    s.privileged()?;
    let file = secret(2)?;
    let p = s.map_shared(2, READ_WRITE, &file)?;
    s.note(raw::munlock(p, 2 * page_size()));
    s.note(raw::mlockall(CURRENT));
    s.note(raw::munlockall());
    s.run(p, 2)?;
    s.charged()?;
    s.note(s.ground.munmap(p, page_size()));
    s.charged()
}

fn uses(s: &mut Scene) -> Outcome {
    let mut file = secret(4)?;
    let p = s.map_shared(2, READ_WRITE, &file)?;
    let private = s.map_as(1, READ_WRITE, Source::Private(&file, 0), 0);
    s.note(private);
    s.note(s.ground.madvise(p, 2 * page_size(), MADV_WIPEONFORK));
    s.note(file.set_len(8 * page_size() as u64));
    s.note(file.read(&mut [0]));
    s.note(file.write(&[0]));
    Ok(())
}

fn unreadable(s: &mut Scene) -> Outcome {
    let file = secret(1)?;
    let p = s.map_shared(1, READ_WRITE, &file)?;
    s.write(p, 1)?;
    s.note(raw::read_own(p));
    s.note(through_mem(p));
    let child = match raw::fork()? {
        Fork::Parent(child) => child,
        Fork::Child => raw::exit(i32::from(raw::stop_traced().is_err())),
    };
    s.note(raw::peek_traced(child, p));
    Ok(())
}

fn through_mem(addr: usize) -> io::Result<()> {
    let mut memory = File::open("/proc/self/mem")?;
    memory.seek(SeekFrom::Start(addr as u64))?;
    memory.read_exact(&mut [0])
}

fn fork_shares(s: &mut Scene) -> Outcome {
    let file = secret(1)?;
    let p = s.map_shared(1, READ_WRITE, &file)?;
    s.ground.poke(p, 7)?;
    let mut slip = raw::memfd(0)?;
    let mut writer = slip.try_clone()?;
    let ended = s.in_child(|s| {
        s.run(p, 1)?;
        writer.write_all(s.seen.remove(0).as_bytes())?;
        let shared = s.ground.peek(p)? == 7 && s.proc.locked()? == 0;
        s.ground.poke(p, 8)?;
        if shared {
            Ok(())
        } else {
            Err(Stop::Skip(String::new()))
        }
    })?;
    let mut child = String::new();
    slip.seek(SeekFrom::Start(0))?;
    slip.read_to_string(&mut child)?;
    s.seen.push(child);
    let changed = s.ground.peek(p)? == 8;
    s.holds(ended == 0 && changed);
    Ok(())
}
