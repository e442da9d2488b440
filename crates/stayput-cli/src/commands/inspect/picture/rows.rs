//! What of an address space gets a line of the picture.

use stayput::inspect::{Flag, Mapping};
use std::cmp::Reverse;

/// More lines than this nobody reads: the smallest are drawn together.
const LINES: usize = 120;
/// More parts than this can't be told apart on one line.
const PARTS: usize = 100;
/// Narrower gaps (guard pages, alignment) are not worth a line.
const GAP: u64 = 1 << 20;

/// One line.
pub(super) enum Row {
    /// Address space that is not mapped, in bytes.
    Gap(u64),
    Bar(Bar),
}

/// Neighbouring mappings on one line.
pub(super) struct Bar {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) label: String,
    pub(super) parts: Vec<Part>,
}

/// Mappings drawn as one: bytes of each kind.
#[derive(Clone, Default)]
pub(super) struct Part {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) mappings: usize,
    pub(super) size: u64,
    pub(super) locked: u64,
    pub(super) resident: u64,
    pub(super) swapped: u64,
    pub(super) special: u64,
    pub(super) inaccessible: u64,
    pub(super) undumped: u64,
}

/// All mappings, lowest address first; none is left out but the gate page, which is
/// nobody's.
pub(super) fn rows(mappings: &[Mapping]) -> Vec<Row> {
    let mut rows = Vec::new();
    for bar in thinned(bars(mappings)) {
        let gap = match rows.last() {
            Some(Row::Bar(last)) => last.gap_to(&bar),
            _ => 0,
        };
        if gap >= GAP {
            rows.push(Row::Gap(gap));
        }
        rows.push(Row::Bar(bar));
    }
    rows
}

impl Bar {
    pub(super) fn sum(&self) -> Part {
        let mut sum = Part::default();
        self.parts.iter().for_each(|part| sum.add(part));
        sum
    }

    /// None where the process changed while it was listed: then mappings may overlap.
    fn gap_to(&self, next: &Self) -> u64 {
        next.start.saturating_sub(self.end)
    }

    fn add(&mut self, other: Self) {
        self.end = other.end;
        self.parts.extend(other.parts);
    }
}

/// Neighbours of one name together: a library is four or five mappings.
fn bars(mappings: &[Mapping]) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::new();
    for mapping in mappings.iter().filter(|mapping| !mapping.is_gate()) {
        let bar = Bar {
            start: mapping.start,
            end: mapping.end,
            label: label(&mapping.name),
            parts: vec![Part::of(mapping)],
        };
        match bars.last_mut() {
            Some(last) if last.label == bar.label && last.gap_to(&bar) < GAP => last.add(bar),
            _ => bars.push(bar),
        }
    }
    bars
}

/// The largest as they are, what lies between two of them as one.
fn thinned(bars: Vec<Bar>) -> Vec<Bar> {
    let mut sizes: Vec<u64> = bars.iter().map(|bar| bar.sum().size).collect();
    sizes.sort_unstable_by_key(|&size| Reverse(size));
    let least = sizes.get(LINES).map_or(0, |&size| size + 1);
    let mut thinned: Vec<Bar> = Vec::new();
    let mut small = false;
    for bar in bars {
        let is_small = bar.sum().size < least;
        match thinned.last_mut() {
            Some(last) if small && is_small && last.gap_to(&bar) < GAP => last.add(bar),
            _ => thinned.push(bar),
        }
        small = is_small;
    }
    thinned.iter_mut().for_each(simplify);
    thinned
}

fn simplify(bar: &mut Bar) {
    let sum = bar.sum();
    if sum.mappings > 1 {
        bar.label = format!("{} ({} mappings)", bar.label, sum.mappings);
    }
    if bar.parts.len() > PARTS {
        bar.parts = vec![sum];
    }
}

/// A file's last part: the whole path is in the list.
fn label(name: &str) -> String {
    match name {
        "" => "anonymous".to_owned(),
        path if path.starts_with('/') => path
            .rsplit_once('/')
            .map_or(path, |(_, last)| last)
            .to_owned(),
        name => name.to_owned(),
    }
}

impl Part {
    fn of(mapping: &Mapping) -> Self {
        let size = mapping.len();
        let size_if = |holds: bool| if holds { size } else { 0 };
        let special = mapping.is_exempt_from_locking();
        let locked = mapping.locked();
        Self {
            start: mapping.start,
            end: mapping.end,
            mappings: 1,
            size,
            locked,
            resident: if special {
                0
            } else {
                mapping.resident - locked
            },
            swapped: mapping.swapped,
            special: size_if(special),
            inaccessible: size_if(mapping.is_inaccessible() && !special),
            undumped: size_if(mapping.has(Flag::DontDump)),
        }
    }

    fn add(&mut self, other: &Self) {
        if self.mappings == 0 {
            self.start = other.start;
        }
        self.end = other.end;
        self.mappings += other.mappings;
        self.size += other.size;
        self.locked += other.locked;
        self.resident += other.resident;
        self.swapped += other.swapped;
        self.special += other.special;
        self.inaccessible += other.inaccessible;
        self.undumped += other.undumped;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_overlap_have_no_gap_between_them() {
        let bar = |start, end| Bar {
            start,
            end,
            label: String::new(),
            parts: Vec::new(),
        };
        assert_eq!(bar(0, 20).gap_to(&bar(50, 60)), 30);
        // Two mappings that became one while they were read: the second is listed whole.
        assert_eq!(bar(0, 20).gap_to(&bar(0, 40)), 0);
    }
}
