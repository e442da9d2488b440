//! Nothing is believed: smaps is asked about each page that holds a secret, and our
//! mappings are read for what should be gone.

use super::item::{Item, Place};
use super::tally::{LowWater, Tally};
use stayput::inspect::{Flag, Mapping, Process, locked_bytes, mappings, total_bytes};
use std::fs::File;
use std::os::unix::fs::FileExt;

/// Between rounds, when the calling thread is the only one.
pub(crate) fn check(items: &[Item], process_locked: bool, tally: &mut Tally) {
    let mappings = mappings(Process::Current).expect("own smaps");
    let mut places = Vec::with_capacity(items.len());
    for item in items {
        match (item.place(), item.is_intact()) {
            (Ok(place), Ok(true)) => {
                check_place(item, &place, &mappings, process_locked, tally);
                places.push(place);
            }
            (_, Ok(false)) => tally.find("content changed"),
            (Err(error), _) | (_, Err(error)) => tally.find(format!("not exposed: {error}")),
        }
    }
    places.sort_by_key(|place| place.start);
    check_residue(&places, &mappings, tally);
    let locked = locked_bytes(Process::Current).expect("own status");
    tally.most_locked = tally.most_locked.max(locked);
}

/// The report and the kernel agree. A report is about the weakest page of several.
fn check_place(
    item: &Item,
    place: &Place,
    mappings: &[Mapping],
    process_locked: bool,
    tally: &mut Tally,
) {
    let page = stayput_sys::page_size();
    let first = place.start & !(page - 1);
    let pages = (first..place.start + place.len).step_by(page);
    let of_page = |address| mappings.iter().find(|it| it.contains(address as u64));
    let Some(below) = pages.map(of_page).collect::<Option<Vec<_>>>() else {
        return tally.find("a secret's page is not mapped");
    };
    tally.pages_checked += below.len() as u64;
    let protection = item.protection();
    let locked = protection.is_none_or(|it| it.locked.is_yes());
    let file = protection.is_some_and(|it| it.file_backed.is_yes());
    // A lock of the whole process is nobody's report.
    let may_be_better = process_locked || item.has_room();
    let really_locked = below.iter().all(|it| it.has(Flag::Locked));
    // Its mappings have merged with others, which may have been in swap before.
    let swapped = locked && !process_locked && below.iter().any(|it| it.swapped > 0);
    if (really_locked != locked && !(may_be_better && really_locked)) || swapped {
        tally.find(format!("reported locked: {locked}, the kernel: {below:?}"));
    }
    let really_file = below.iter().any(|it| it.has(Flag::Shared));
    if file != really_file && (really_file || !item.has_room()) {
        tally.find(format!("reported a file's: {file}, the kernel: {below:?}"));
    }
    if protection.is_some() && !below.iter().all(|it| it.has(Flag::DontDump)) {
        tally.find(format!("not left out of dumps: {below:?}"));
    }
}

/// Our mappings hold zeros, but for the secrets that live.
fn check_residue(places: &[Place], mappings: &[Mapping], tally: &mut Tally) {
    let memory = File::open("/proc/self/mem").expect("own memory");
    let mut chunk = vec![0u8; 1 << 16];
    for mapping in mappings.iter().filter(|it| is_ours(it)) {
        let mut start = mapping.start;
        while start < mapping.end {
            let len = chunk
                .len()
                .min(usize::try_from(mapping.end - start).unwrap_or(0));
            let Ok(read) = memory.read_at(&mut chunk[..len], start) else {
                break;
            };
            tally.bytes_scanned += read as u64;
            let stray = (0..read).find(|&at| {
                chunk[at] != 0 && !is_live(places, usize::try_from(start).unwrap_or(0) + at)
            });
            if let Some(at) = stray {
                tally.find(format!("residue at offset {at} of {len}: {mapping:?}"));
                return;
            }
            start += read.max(1) as u64;
        }
    }
    chunk.fill(0);
}

/// What no other mapping of a program is: left out of dumps, and wiped or absent in a
/// fork child.
fn is_ours(mapping: &Mapping) -> bool {
    let hidden = mapping.has(Flag::WipeOnFork) || mapping.has(Flag::DontFork);
    mapping.has(Flag::DontDump) && hidden && mapping.resident > 0
}

fn is_live(places: &[Place], address: usize) -> bool {
    let after = places.partition_point(|place| place.start <= address);
    places[..after]
        .last()
        .is_some_and(|it| address < it.start + it.len)
}

/// When everything is dropped and trimmed.
pub(crate) fn low_water(process_locked: bool, tally: &mut Tally) {
    let mappings = mappings(Process::Current).expect("own smaps");
    let mark = LowWater {
        locked: locked_bytes(Process::Current).expect("own status"),
        size: total_bytes(Process::Current).expect("own status"),
        resident: mappings.iter().map(|mapping| mapping.resident).sum(),
        mappings: mappings.len(),
    };
    if mark.locked != 0 && !process_locked {
        tally.find(format!("{} bytes locked, and nothing lives", mark.locked));
    }
    check_residue(&[], &mappings, tally);
    tally.low_waters.push(mark);
}

/// Bytes of the mapping that holds `address` that are in swap.
pub(crate) fn swapped_at(address: usize) -> u64 {
    let mappings = mappings(Process::Current).expect("own smaps");
    let at = mappings.iter().find(|it| it.contains(address as u64));
    at.map_or(0, |mapping| mapping.swapped)
}

/// `VmSwap` of another process, in bytes.
pub(crate) fn swapped_of(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"));
    let status = status.unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmSwap:"));
    let kib = line.and_then(|rest| rest.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}
