//! The model's state against the kernel's.

use crate::generate::{MAIN_PAGES, SIZE};
use crate::kernel::{Kernel, bytes};
use crate::observe::{Area, Proc};
use crate::step::page_size;
use stayput_spec::model::{AddressSpace, Errno, Lock, Mapping, Residency, Rule};
use std::io;

/// How much of the process is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The playground.
    Playground,
    /// Every mapping.
    Process,
}

/// Compares a call's result: `None` where both agree.
pub(crate) fn result(model: Result<u64, Errno>, kernel: &io::Result<u64>) -> Option<String> {
    let agree = match (model, kernel) {
        (Ok(expected), Ok(value)) => expected == *value,
        (Err(errno), Err(error)) => error.raw_os_error() == Some(errno.number()),
        _ => false,
    };
    (!agree).then(|| {
        let kernel = match kernel {
            Ok(value) => format!("{value:#x}"),
            Err(error) => error.to_string(),
        };
        match model {
            Ok(value) => format!("result: the model says {value:#x}, the kernel {kernel}"),
            Err(errno) => format!("result: the model says {errno}, the kernel {kernel}"),
        }
    })
}

/// Compares the states: `None` where both agree.
pub(crate) fn state(
    model: &AddressSpace,
    kernel: &Kernel,
    proc: &mut Proc,
    scope: Scope,
) -> io::Result<Option<String>> {
    let (total, locked) = proc.sizes()?;
    if locked != model.locked_bytes() {
        return Ok(Some(differ("VmLck in bytes", model.locked_bytes(), locked)));
    }
    if total != model.total_bytes() {
        return Ok(Some(differ("VmSize in bytes", model.total_bytes(), total)));
    }
    let start = kernel.playground.start() as u64;
    let end = match scope {
        Scope::Playground => start + SIZE,
        Scope::Process => u64::MAX,
    };
    proc.read_areas(end)?;
    if let Some(difference) = areas(model, &proc.areas, end) {
        return Ok(Some(difference));
    }
    residency(model, kernel, start)
}

/// Every run of the model lies in one area with its attributes, and there are no
/// areas besides.
fn areas(model: &AddressSpace, areas: &[Area], end: u64) -> Option<String> {
    let mut pages = 0;
    let shown = model.rules().holds(Rule::OnFaultIsShown);
    for mapping in model
        .mappings()
        .iter()
        .filter(|m| m.start * page_size() < end)
    {
        pages += mapping.pages;
        let (from, to) = (mapping.start * page_size(), mapping.end() * page_size());
        let after = areas.partition_point(|area| area.start <= from);
        let area = after.checked_sub(1).map(|index| &areas[index]);
        let Some(area) = area.filter(|area| to <= area.end) else {
            return Some(format!("{from:#x}-{to:#x}: the kernel has no such mapping"));
        };
        if let Some(difference) = attributes(mapping, area, shown) {
            return Some(format!("{from:#x}-{to:#x}: {difference}"));
        }
    }
    let listed: u64 = areas
        .iter()
        .map(|area| (area.end - area.start) / page_size())
        .sum();
    // The vsyscall page is listed but is no mapping of the process.
    let gate = areas.iter().filter(|area| area.start > 1 << 63).count() as u64;
    (listed - gate != pages).then(|| differ("mapped pages", pages, listed - gate))
}

fn attributes(mapping: &Mapping, area: &Area, on_fault_is_shown: bool) -> Option<String> {
    let lock = match (area.locked, area.on_fault) {
        (false, false) => Lock::Unlocked,
        (true, false) => Lock::Locked,
        (true, true) => Lock::OnFault,
        (false, true) => return Some("the kernel has lf without lo".to_owned()),
    };
    let expected = match mapping.lock {
        Lock::OnFault if !on_fault_is_shown => Lock::Locked,
        lock => lock,
    };
    if lock != expected {
        return Some(format!("the model says {expected:?}, the kernel {lock:?}"));
    }
    let protection = mapping.protection;
    let agree = (protection.read, protection.write) == (area.readable, area.writable);
    (!agree).then(|| format!("the model says {protection:?}, the kernel {area:?}"))
}

/// `mincore` on each mapped stretch of the main pages.
fn residency(model: &AddressSpace, kernel: &Kernel, start: u64) -> io::Result<Option<String>> {
    let mut page = 0;
    while page < MAIN_PAGES {
        let mapped =
            |page| page < MAIN_PAGES && model.lock_at(start + page * page_size()).is_some();
        let stretch = (page..).take_while(|page| mapped(*page)).count() as u64;
        if stretch > 0 {
            let first = start + page * page_size();
            if let Some(difference) = stretch_residency(model, kernel, first, stretch)? {
                return Ok(Some(difference));
            }
        }
        page += stretch + 1;
    }
    Ok(None)
}

fn stretch_residency(
    model: &AddressSpace,
    kernel: &Kernel,
    first: u64,
    pages: u64,
) -> io::Result<Option<String>> {
    let mut resident = vec![0; bytes(pages)];
    kernel
        .playground
        .mincore(bytes(first), bytes(pages * page_size()), &mut resident)?;
    for (page, seen) in (0..pages).zip(resident) {
        let address = first + page * page_size();
        let expected = model.residency_at(address).and_then(Residency::resident);
        if expected.is_some_and(|expected| expected != (seen & 1 != 0)) {
            return Ok(Some(differ(
                &format!("{address:#x}: resident"),
                u64::from(seen & 1 == 0),
                u64::from(seen & 1),
            )));
        }
    }
    Ok(None)
}

fn differ(what: &str, model: u64, kernel: u64) -> String {
    format!("{what}: the model says {model}, the kernel {kernel}")
}
