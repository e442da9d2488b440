//! For people.

use super::permissions::{of_note, permissions};
use crate::size::human;
use crate::style::harmless;
use stayput::inspect::{Flag, Mapping, Snapshot, Totals};
use std::fmt::{self, Write};

/// What to print of a process.
pub(super) struct Page<'a> {
    pub(super) snapshot: &'a Snapshot,
    /// The rows; `None` for sums only.
    pub(super) shown: Option<&'a [&'a Mapping]>,
    /// What to sum besides, where a filter applies.
    pub(super) filtered: Option<&'a Vec<&'a Mapping>>,
    pub(super) detail: Detail,
}

/// Which flags to name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    OfNote,
    Everything,
}

impl From<bool> for Detail {
    fn from(verbose: bool) -> Self {
        if verbose {
            Self::Everything
        } else {
            Self::OfNote
        }
    }
}

impl Page<'_> {
    pub(super) fn render(&self) -> String {
        let mut text = String::new();
        // Writing to a String can't fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        let Snapshot {
            id, name, mappings, ..
        } = self.snapshot;
        let name = harmless(name);
        writeln!(
            out,
            "{name} (process {id}), {} mappings
",
            mappings.len()
        )?;
        if let Some(shown) = self.shown {
            header(out)?;
            for mapping in shown {
                row(mapping, self.detail, out)?;
            }
            legend(shown, self.detail, out)?;
        }
        if let Some(filtered) = self.filtered {
            let totals = Totals::of(filtered.iter().copied());
            writeln!(out, "Mappings shown")?;
            sums(&totals, None, out)?;
            writeln!(out, "\nWhole process")?;
        }
        let totals = Totals::of(mappings);
        sums(&totals, Some(self.snapshot.charged), out)
    }
}

pub(super) fn header(out: &mut String) -> fmt::Result {
    writeln!(
        out,
        "{:<33} {:>10} {:>10} {:>10} {:>10}  {:<4} {:<8} NAME",
        "ADDRESS", "SIZE", "RESIDENT", "LOCKED", "SWAPPED", "PERM", "FLAGS"
    )
}

pub(super) fn row(mapping: &Mapping, detail: Detail, out: &mut String) -> fmt::Result {
    cells(mapping, detail, out)?;
    writeln!(out, " {}", harmless(name(mapping)))
}

/// Of a file the last part: for lines that are cut.
pub(super) fn short_row(mapping: &Mapping, out: &mut String) -> fmt::Result {
    cells(mapping, Detail::OfNote, out)?;
    let name = name(mapping);
    let last = name.rsplit_once('/').map_or(name, |(_, last)| last);
    writeln!(out, " {}", harmless(last))
}

fn name(mapping: &Mapping) -> &str {
    match mapping.name.as_str() {
        "" => "anonymous",
        name => name,
    }
}

fn cells(mapping: &Mapping, detail: Detail, out: &mut String) -> fmt::Result {
    let Mapping { start, end, .. } = mapping;
    write!(out, "{:<33}", format!("{start:012x}-{end:012x}"))?;
    for bytes in [
        mapping.len(),
        mapping.resident + mapping.huge,
        mapping.locked(),
        mapping.swapped,
    ] {
        write!(out, " {:>10}", amount(bytes))?;
    }
    let flags: Vec<_> = letters(mapping, detail).collect();
    let flags = flags.join(" ");
    write!(out, "  {} {flags:<8}", permissions(mapping))
}

/// Nothing is a dash: zeros drown what there is.
fn amount(bytes: u64) -> String {
    if bytes == 0 {
        "-".to_owned()
    } else {
        human(bytes)
    }
}

fn letters(mapping: &Mapping, detail: Detail) -> impl Iterator<Item = &str> {
    let unknown = mapping.unknown_flags().iter().map(String::as_str);
    named(mapping, detail)
        .into_iter()
        .map(|flag| -> &str { flag.letters() })
        .chain(unknown)
}

fn named(mapping: &Mapping, detail: Detail) -> Vec<Flag> {
    match detail {
        Detail::OfNote => of_note(mapping).collect(),
        Detail::Everything => mapping.flags().collect(),
    }
}

/// The meaning of the flags that occur.
fn legend(shown: &[&Mapping], detail: Detail, out: &mut String) -> fmt::Result {
    writeln!(out)?;
    let occurs = |flag: &&Flag| {
        shown
            .iter()
            .any(|mapping| mapping.has(**flag) && named(mapping, detail).contains(flag))
    };
    let mut any = false;
    for flag in Flag::ALL.iter().filter(occurs) {
        writeln!(out, "{}  {}", flag.letters(), flag.meaning())?;
        any = true;
    }
    if any { writeln!(out) } else { Ok(()) }
}

pub(super) fn sums(totals: &Totals, charged: Option<u64>, out: &mut String) -> fmt::Result {
    let mut lines = vec![
        ("mapped", totals.size, "address space"),
        (
            "resident",
            totals.resident,
            "in memory; shared pages counted whole (Rss)",
        ),
        (
            "proportional",
            totals.share,
            "in memory; shared pages divided by their users (Pss)",
        ),
        (
            "locked",
            totals.locked,
            "in memory, in mappings flagged lo: can't be swapped",
        ),
    ];
    lines.extend(charged.map(|charged| {
        (
            "charged",
            charged,
            "against RLIMIT_MEMLOCK (VmLck): locked mappings whole",
        )
    }));
    lines.push(("swapped", totals.swapped, "in swap"));
    for (name, bytes, meaning) in [
        (
            "huge",
            totals.huge,
            "in huge pages of hugetlbfs, never swapped",
        ),
        (
            "undumped",
            totals.dump_excluded,
            "address space left out of core dumps",
        ),
        (
            "inaccessible",
            totals.inaccessible,
            "address space that nothing may access",
        ),
        (
            "special",
            totals.special,
            "address space that the kernel never locks",
        ),
    ] {
        lines.extend((bytes > 0).then_some((name, bytes, meaning)));
    }
    for (name, bytes, meaning) in lines {
        writeln!(out, "{name:<13} {:>10}  {meaning}", human(bytes))?;
    }
    Ok(())
}
