//! How many guards hold each page: runs of pages with equal counts.
//!
//! Pure bookkeeping. A run costs the same whether it spans one page or a
//! gigabyte, and the runs lie in memory of their own, not on the heap: the heap
//! itself may live in a pool that counts its pages here.

use super::system_alloc::SystemAlloc;
use allocator_api2::vec::Vec;
use stayput_sys::PageRange;

/// Sorted, disjoint runs, none with count 0, equal neighbours merged.
#[derive(Debug)]
pub(super) struct Counts {
    runs: Vec<Run, SystemAlloc>,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            runs: Vec::new_in(SystemAlloc),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    start: usize,
    end: usize,
    count: usize,
}

/// Which way a count goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Up,
    Down,
}

/// Room for bookkeeping could not be had.
#[derive(Debug)]
pub(super) struct NoRoom;

impl Counts {
    /// Makes room for one more guard, so that [`Counts::add`] can't fail.
    pub(super) fn prepare(&mut self) -> Result<(), NoRoom> {
        // A guard splits at most two runs and fills gaps between others: never more
        // new runs than there are, plus two.
        self.runs
            .try_reserve(self.runs.len() + 4)
            .map_err(|_| NoRoom)
    }

    /// The parts of `range` that no guard holds.
    pub(super) fn unheld(&self, range: PageRange) -> impl Iterator<Item = PageRange> + '_ {
        let first = self.first_after(range.start());
        let held = self.runs[first..]
            .iter()
            .take_while(move |run| run.start < range.end());
        let edges = held
            .map(|run| (run.start, run.end))
            .chain([(range.end(), range.end())]);
        edges
            .scan(range.start(), |at, (start, end)| {
                let gap = (*at, start);
                *at = end;
                Some(gap)
            })
            .filter_map(|(from, to)| PageRange::exact(from, to.checked_sub(from)?))
    }

    /// The parts of `range` that guards hold, run by run.
    pub(super) fn held(&self, range: PageRange) -> impl Iterator<Item = PageRange> + '_ {
        self.runs[self.first_after(range.start())..]
            .iter()
            .take_while(move |run| run.start < range.end())
            .filter_map(move |run| {
                PageRange::exact(run.start, run.end - run.start)?.intersection(range)
            })
    }

    /// Adds one guard on `range`.
    pub(super) fn add(&mut self, range: PageRange) {
        self.change(range, Step::Up);
    }

    /// Takes one guard on `range` away; [`Counts::unheld`] then tells what was
    /// the last. Neighbours that were one run may be several then, so room is needed
    /// here too: without it nothing changes.
    pub(super) fn remove(&mut self, range: PageRange) -> Result<(), NoRoom> {
        let edges = [range.start(), range.end()].into_iter();
        let splits = edges.filter(|&edge| self.splits_run(edge)).count();
        self.runs.try_reserve(splits).map_err(|_| NoRoom)?;
        self.change(range, Step::Down);
        Ok(())
    }

    /// Index of the first run that ends after `address`.
    fn first_after(&self, address: usize) -> usize {
        self.runs.partition_point(|run| run.end <= address)
    }

    fn change(&mut self, range: PageRange, step: Step) {
        self.split_at(range.start());
        self.split_at(range.end());
        let mut index = self.first_after(range.start());
        let mut at = range.start();
        while at < range.end() {
            match self.runs.get(index).copied() {
                Some(run) if run.start == at => {
                    at = run.end;
                    match (step, run.count) {
                        (Step::Up, _) => self.runs[index].count += 1,
                        (Step::Down, 1) => {
                            self.runs.remove(index);
                            continue;
                        }
                        (Step::Down, _) => self.runs[index].count -= 1,
                    }
                    index += 1;
                }
                next => {
                    let start = at;
                    at = next.map_or(range.end(), |run| run.start.min(range.end()));
                    if step == Step::Up {
                        let (end, count) = (at, 1);
                        self.runs.insert(index, Run { start, end, count });
                        index += 1;
                    } else {
                        debug_assert!(false, "a guard releases pages that it does not hold");
                    }
                }
            }
        }
        self.merge_around(range);
    }

    /// Whether `address` lies within a run, and not at its start.
    fn splits_run(&self, address: usize) -> bool {
        let run = self.runs.get(self.first_after(address));
        run.is_some_and(|run| run.start < address)
    }

    /// Makes `address` a boundary between runs if it lies within one.
    fn split_at(&mut self, address: usize) {
        let index = self.first_after(address);
        if let Some(run) = self.runs.get_mut(index) {
            if run.start < address {
                let rest = Run {
                    start: address,
                    ..*run
                };
                run.end = address;
                self.runs.insert(index + 1, rest);
            }
        }
    }

    /// Joins equal neighbours in and beside `range`.
    fn merge_around(&mut self, range: PageRange) {
        let mut index = self.first_after(range.start().saturating_sub(1));
        while index + 1 < self.runs.len() && self.runs[index].start <= range.end() {
            let (left, right) = (self.runs[index], self.runs[index + 1]);
            if left.end == right.start && left.count == right.count {
                self.runs[index].end = right.end;
                self.runs.remove(index + 1);
            } else {
                index += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use stayput_sys::page_size;
    use std::collections::BTreeMap;

    fn range(start: usize, pages: usize) -> PageRange {
        PageRange::exact((start + 1) * page_size(), pages * page_size()).expect("aligned")
    }

    fn pages(range: PageRange) -> impl Iterator<Item = usize> {
        (range.start()..range.end()).step_by(page_size())
    }

    proptest! {
        /// Against one counter a page.
        #[test]
        fn agrees_with_a_count_per_page(steps in prop::collection::vec((0..24usize, 1..9usize, any::<bool>()), 1..60)) {
            let mut counts = Counts::default();
            let mut naive: BTreeMap<usize, usize> = BTreeMap::new();
            let mut guards = Vec::new();
            for (start, len, release) in steps {
                let touched = if release && !guards.is_empty() {
                    let held: PageRange = guards.swap_remove(start % guards.len());
                    counts.remove(held).expect("room");
                    for page in pages(held) {
                        let count = naive.get_mut(&page).expect("held");
                        *count -= 1;
                        if *count == 0 { naive.remove(&page); }
                    }
                    held
                } else {
                    let new = range(start, len);
                    counts.prepare().expect("room");
                    let room = counts.runs.capacity();
                    counts.add(new);
                    prop_assert_eq!(counts.runs.capacity(), room, "prepare left room enough");
                    guards.push(new);
                    for page in pages(new) { *naive.entry(page).or_default() += 1; }
                    new
                };
                let unheld: std::vec::Vec<usize> = counts.unheld(touched).flat_map(pages).collect();
                let expected: std::vec::Vec<usize> = pages(touched).filter(|page| !naive.contains_key(page)).collect();
                prop_assert_eq!(unheld, expected);
                let held: std::vec::Vec<usize> = counts.held(touched).flat_map(pages).collect();
                let expected: std::vec::Vec<usize> = pages(touched).filter(|page| naive.contains_key(page)).collect();
                prop_assert_eq!(held, expected);
                let spelled: BTreeMap<usize, usize> = counts.runs.iter()
                    .flat_map(|run| (run.start..run.end).step_by(page_size()).map(|page| (page, run.count)))
                    .collect();
                prop_assert_eq!(&spelled, &naive);
                for pair in counts.runs.windows(2) {
                    prop_assert!(pair[0].end < pair[1].start || pair[0].count != pair[1].count, "merged");
                }
            }
        }
    }
}
