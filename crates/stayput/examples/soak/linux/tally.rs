//! What was done and seen.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// At a moment when everything is dropped and trimmed; bytes, but for the last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LowWater {
    pub(crate) locked: u64,
    pub(crate) size: u64,
    pub(crate) resident: u64,
    pub(crate) mappings: usize,
}

impl LowWater {
    fn to_json(self) -> Value {
        json!({
            "vm_lck": self.locked,
            "vm_size": self.size,
            "vm_rss": self.resident,
            "mappings": self.mappings,
        })
    }
}

#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// How often each thing was done, refusals by cause among them.
    pub(crate) counts: BTreeMap<String, u64>,
    pub(crate) rounds: u64,
    pub(crate) pages_checked: u64,
    pub(crate) bytes_scanned: u64,
    pub(crate) most_locked: u64,
    pub(crate) most_swapped_control: u64,
    pub(crate) most_swapped_hog: u64,
    pub(crate) low_waters: Vec<LowWater>,
    pub(crate) findings: Vec<String>,
}

impl Tally {
    pub(crate) fn count(&mut self, what: impl Into<String>) {
        *self.counts.entry(what.into()).or_default() += 1;
    }

    pub(crate) fn add(&mut self, other: Self) {
        for (what, times) in other.counts {
            *self.counts.entry(what).or_default() += times;
        }
        self.findings.extend(other.findings);
    }

    pub(crate) fn find(&mut self, finding: impl Into<String>) {
        self.findings.push(finding.into());
    }

    /// What grew from one half of the run to the other.
    pub(crate) fn judge_growth(&mut self) {
        // The first ones still see caches and the C library's heaps fill.
        let settled = &self.low_waters[self.low_waters.len() / 4..];
        let (first, second) = settled.split_at(settled.len() / 2);
        if first.is_empty() {
            return;
        }
        let most = |marks: &[LowWater], of: fn(&LowWater) -> u64| marks.iter().map(of).max();
        let mut grown = Vec::new();
        for (what, slack, of) in [
            ("VmLck", 0, (|it| it.locked) as fn(&LowWater) -> u64),
            ("VmSize", 1 << 20, |it| it.size),
            ("mappings", 8, |it| it.mappings as u64),
        ] {
            let (before, after) = (most(first, of), most(second, of));
            if after > before.map(|before| before + slack) {
                grown.push(format!("growth: {what} from {before:?} to {after:?}"));
            }
        }
        self.findings.extend(grown);
    }

    pub(crate) fn to_json(&self, seconds: u64, seed: u64) -> String {
        let mark = |mark: Option<&LowWater>| mark.map(|mark| mark.to_json());
        let result = json!({
            "schema": "stayput-soak/1",
            "seconds": seconds,
            "seed": seed,
            "rounds": self.rounds,
            "counts": self.counts,
            "pages_checked": self.pages_checked,
            "bytes_scanned": self.bytes_scanned,
            "most_locked": self.most_locked,
            "most_swapped": {
                "control": self.most_swapped_control,
                "hog": self.most_swapped_hog,
            },
            "low_water": {
                "marks": self.low_waters.len(),
                "first": mark(self.low_waters.first()),
                "last": mark(self.low_waters.last()),
            },
            "findings": self.findings,
        });
        format!("{result:#}")
    }
}
