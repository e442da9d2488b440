//! What the kernel lists about this process's memory: `/proc/self/smaps` and
//! `/proc/self/status`, read without any help of the crate under test.
#![allow(dead_code, reason = "each test file uses what it needs")]

use stayput_sys::PageRange;
use std::fs;

/// One mapping, or the part of it that lies in the range asked about.
#[derive(Debug)]
pub(crate) struct Mapping {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) permissions: String,
    flags: Vec<String>,
}

impl Mapping {
    /// Whether `VmFlags` has the two-letter flag.
    pub(crate) fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|it| it == flag)
    }
}

/// The mappings that make up `range`, cut to it, in order; holes are left out.
pub(crate) fn over(range: PageRange) -> Vec<Mapping> {
    let smaps = fs::read_to_string("/proc/self/smaps").expect("smaps is readable");
    let mut mappings: Vec<Mapping> = Vec::new();
    for line in smaps.lines() {
        if let Some(mapping) = header(line) {
            mappings.push(mapping);
        } else if let Some(flags) = line.strip_prefix("VmFlags:") {
            let last = mappings.last_mut().expect("a header comes first");
            last.flags = flags.split_whitespace().map(str::to_owned).collect();
        }
    }
    mappings.retain(|it| it.start < range.end() && range.start() < it.end);
    for mapping in &mut mappings {
        mapping.start = mapping.start.max(range.start());
        mapping.end = mapping.end.min(range.end());
    }
    mappings
}

/// Whether every page of `range` is mapped with `flag`.
pub(crate) fn all_have(range: PageRange, flag: &str) -> bool {
    let mappings = over(range);
    let covered: usize = mappings.iter().map(|it| it.end - it.start).sum();
    covered == range.len() && mappings.iter().all(|it| it.has(flag))
}

/// Whether `range` is mapped whole and no page of it has `flag`.
pub(crate) fn none_has(range: PageRange, flag: &str) -> bool {
    let mappings = over(range);
    let covered: usize = mappings.iter().map(|it| it.end - it.start).sum();
    covered == range.len() && !mappings.iter().any(|it| it.has(flag))
}

/// Whether smaps tells about this process's own memory. An emulator shows its own.
pub(crate) fn is_ours() -> bool {
    let local = 0u8;
    let here = PageRange::covering((&raw const local).addr(), 1).expect("the stack");
    !over(here).is_empty()
}

/// Whether an emulator says yes to any `madvise`, advice that does not exist
/// included, and does nothing: qemu's user mode.
pub(crate) fn takes_any_advice() -> bool {
    let local = 0u8;
    let here = PageRange::covering((&raw const local).addr(), 1).expect("the stack");
    // SAFETY: at length 0 the call touches nothing.
    unsafe { libc::madvise(here.as_ptr(), 0, 0x7777) == 0 }
}

/// Whether smaps tells locks on fault (`lf`) from others: since Linux 6.2.
pub(crate) fn shows_on_fault() -> bool {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").expect("procfs");
    let mut numbers = release.split('.').map(str::parse::<u32>);
    let mut next = || numbers.next().and_then(Result::ok).unwrap_or(0);
    (next(), next()) >= (6, 2)
}

/// `VmLck` in bytes.
pub(crate) fn locked_bytes() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("status is readable");
    let line = status.lines().find_map(|it| it.strip_prefix("VmLck:"));
    let kib = line.expect("VmLck is there").trim().strip_suffix(" kB");
    kib.expect("in kB")
        .trim()
        .parse::<usize>()
        .expect("a number")
        * 1024
}

/// `start-end perms offset dev inode path`.
fn header(line: &str) -> Option<Mapping> {
    let (addresses, rest) = line.split_once(' ')?;
    let (start, end) = addresses.split_once('-')?;
    Some(Mapping {
        start: usize::from_str_radix(start, 16).ok()?,
        end: usize::from_str_radix(end, 16).ok()?,
        permissions: rest.split(' ').next()?.to_owned(),
        flags: Vec::new(),
    })
}
