//! What is mapped: the little of `/proc/self/maps` that an explanation needs.

use super::status::read_own;
use stayput_sys::PageRange;

/// A flaw in a range that the kernel refuses to lock.
pub(super) enum Flaw {
    /// Nothing is mapped at this address.
    Hole(usize),
    /// What is mapped at this address can't be accessed (`PROT_NONE`).
    Inaccessible(usize),
}

/// The process's mappings, lowest first; empty where the system lists none.
pub(super) struct Layout(Vec<(usize, usize, bool)>);

impl Layout {
    pub(super) fn current() -> Self {
        let text = read_own("self/maps").unwrap_or_default();
        Self(text.lines().filter_map(mapping).collect())
    }

    /// How many mappings there are.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// The first reason in address order why `range` could not be locked.
    pub(super) fn flaw(&self, range: PageRange) -> Option<Flaw> {
        if self.0.is_empty() {
            return None;
        }
        let mut at = range.start();
        for &(start, end, accessible) in self.0.iter().filter(|&&(_, end, _)| end > range.start()) {
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
}

/// `7f00-8f00 rw-p …` as start, end and whether anything may access it.
fn mapping(line: &str) -> Option<(usize, usize, bool)> {
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
        let layout = Layout(vec![
            (2 * p, 4 * p, true),
            (4 * p, 5 * p, false),
            (5 * p, 6 * p, true),
        ]);
        assert!(layout.flaw(range(2, 2)).is_none());
        assert!(matches!(layout.flaw(range(2, 4)), Some(Flaw::Inaccessible(at)) if at == 4 * p));
        assert!(matches!(layout.flaw(range(5, 2)), Some(Flaw::Hole(at)) if at == 6 * p));
        assert!(matches!(layout.flaw(range(1, 2)), Some(Flaw::Hole(at)) if at == p));
        assert!(matches!(layout.flaw(range(9, 1)), Some(Flaw::Hole(at)) if at == 9 * p));
    }
}
