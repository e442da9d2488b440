//! What is mapped: the little of `/proc/self/maps` that an explanation needs.

use super::status::open_own;
use stayput_sys::PageRange;
use std::io::{BufRead, BufReader};

/// A flaw in a range that the kernel refuses to lock.
pub(super) enum Flaw {
    /// Nothing is mapped at this address.
    Hole(usize),
    /// What is mapped at this address can't be accessed (`PROT_NONE`).
    Inaccessible(usize),
}

/// One of the process's mappings: start, end and whether anything may access it.
type Mapping = (usize, usize, bool);

/// The process's mappings, lowest first; none where the system lists none.
///
/// Read line by line: where mappings have run out, no room is to be had for all of
/// the text. Paths, at the ends of lines, may be any bytes.
fn mappings() -> impl Iterator<Item = Mapping> {
    let maps = open_own("self/maps").ok().map(BufReader::new);
    let lines = maps.into_iter().flat_map(|maps| maps.split(b'\n'));
    lines
        .map_while(Result::ok)
        .filter_map(|line| mapping(&String::from_utf8_lossy(&line)))
}

/// How many mappings the process has.
pub(super) fn count() -> usize {
    mappings().count()
}

/// The first reason in address order why `range` could not be locked.
pub(super) fn flaw(range: PageRange) -> Option<Flaw> {
    let mut mappings = mappings().peekable();
    mappings.peek()?;
    flaw_among(mappings, range)
}

fn flaw_among(mappings: impl Iterator<Item = Mapping>, range: PageRange) -> Option<Flaw> {
    let mut at = range.start();
    for (start, end, accessible) in mappings.filter(|&(_, end, _)| end > range.start()) {
        if start > at || at >= range.end() {
            break;
        }
        if !accessible {
            return Some(Flaw::Inaccessible(at));
        }
        at = end;
    }
    (at < range.end()).then_some(Flaw::Hole(at))
}

/// `7f00-8f00 rw-p …`
fn mapping(line: &str) -> Option<Mapping> {
    let mut words = line.split(' ');
    let (start, end) = words.next()?.split_once('-')?;
    let permissions = words.next()?;
    Some((
        usize::from_str_radix(start, 16).ok()?,
        usize::from_str_radix(end, 16).ok()?,
        !permissions.starts_with("---"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_flaw_is_found() {
        let p = stayput_sys::page_size();
        let range = |from: usize, pages| PageRange::exact(from * p, pages * p).expect("aligned");
        let layout = [
            (2 * p, 4 * p, true),
            (4 * p, 5 * p, false),
            (5 * p, 6 * p, true),
        ];
        let flaw = |range| flaw_among(layout.into_iter(), range);
        assert!(flaw(range(2, 2)).is_none());
        assert!(matches!(flaw(range(2, 4)), Some(Flaw::Inaccessible(at)) if at == 4 * p));
        assert!(matches!(flaw(range(5, 2)), Some(Flaw::Hole(at)) if at == 6 * p));
        assert!(matches!(flaw(range(1, 2)), Some(Flaw::Hole(at)) if at == p));
        assert!(matches!(flaw(range(9, 1)), Some(Flaw::Hole(at)) if at == 9 * p));
    }
}
