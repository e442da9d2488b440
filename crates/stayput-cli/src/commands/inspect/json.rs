//! For programs: `docs/schema/inspect.json` describes it.

use serde::Serialize;
use stayput::inspect::{Flag, Mapping, Snapshot, Totals};
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Page<'a> {
    schema: u32,
    process: Process<'a>,
    totals: Sums,
    flags: BTreeMap<&'static str, &'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mappings: Option<Vec<Row<'a>>>,
}

#[derive(Serialize)]
struct Process<'a> {
    id: u32,
    name: &'a str,
}

/// In bytes.
#[derive(Serialize)]
struct Sums {
    mappings: usize,
    size: u64,
    resident: u64,
    proportional: u64,
    huge: u64,
    swapped: u64,
    locked: u64,
    locked_size: u64,
    charged: u64,
    dump_excluded: u64,
    special: u64,
    inaccessible: u64,
}

/// Addresses are text: numbers of JSON are exact to 2^53 only.
#[derive(Serialize)]
struct Row<'a> {
    start: String,
    end: String,
    name: &'a str,
    size: u64,
    resident: u64,
    proportional: u64,
    huge: u64,
    locked: u64,
    swapped: u64,
    special: bool,
    inaccessible: bool,
    flags: Vec<&'a str>,
}

/// All sums, and the mappings that are shown.
pub(super) fn render(
    snapshot: &Snapshot,
    shown: Option<&[&Mapping]>,
) -> serde_json::Result<String> {
    let all_flags = Flag::ALL.iter();
    let page = Page {
        schema: 1,
        process: Process {
            id: snapshot.id,
            name: &snapshot.name,
        },
        totals: sums(snapshot),
        flags: all_flags
            .map(|flag| (flag.letters(), flag.meaning()))
            .collect(),
        mappings: shown.map(|shown| shown.iter().map(|mapping| row(mapping)).collect()),
    };
    Ok(serde_json::to_string_pretty(&page)? + "\n")
}

fn sums(snapshot: &Snapshot) -> Sums {
    let totals = Totals::of(&snapshot.mappings);
    Sums {
        mappings: totals.mappings,
        size: totals.size,
        resident: totals.resident,
        proportional: totals.share,
        huge: totals.huge,
        swapped: totals.swapped,
        locked: totals.locked,
        locked_size: totals.locked_size,
        charged: snapshot.charged,
        dump_excluded: totals.dump_excluded,
        special: totals.special,
        inaccessible: totals.inaccessible,
    }
}

fn row(mapping: &Mapping) -> Row<'_> {
    let known = mapping.flags().map(|flag| -> &str { flag.letters() });
    let unknown = mapping.unknown_flags().iter().map(String::as_str);
    Row {
        start: format!("0x{:x}", mapping.start),
        end: format!("0x{:x}", mapping.end),
        name: &mapping.name,
        size: mapping.len(),
        resident: mapping.resident,
        proportional: mapping.share,
        huge: mapping.huge,
        locked: mapping.locked(),
        swapped: mapping.swapped,
        special: mapping.is_exempt_from_locking() || mapping.is_gate(),
        inaccessible: mapping.is_inaccessible(),
        flags: known.chain(unknown).collect(),
    }
}
