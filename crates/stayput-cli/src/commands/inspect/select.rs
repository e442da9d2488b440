//! Which mappings, in which order.

use clap::ValueEnum;
use stayput::inspect::{Flag, Mapping};
use std::cmp::Reverse;

/// The mappings to show; sums are always over all of them.
#[derive(Debug, clap::Args)]
pub(super) struct Selection {
    /// Order; by size the largest come first.
    #[arg(long, value_enum, default_value_t = Order::Address)]
    sort: Order,
    /// Only mappings of this kind; of all kinds named, if several are.
    #[arg(long, value_enum, value_name = "KIND", value_delimiter = ',')]
    only: Vec<Kind>,
    /// Only mappings whose name (a file's path, `[heap]`) holds this text.
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Only mappings of at least this size, such as 64KiB.
    #[arg(long, value_name = "SIZE", value_parser = crate::size::parse)]
    min_size: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Order {
    /// Lowest address first.
    Address,
    /// Largest first.
    Size,
    /// Most in memory first.
    Resident,
    /// Most locked first.
    Locked,
    /// Most in swap first.
    Swapped,
    /// By name, then by address.
    Name,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Locked by the kernel's word (`lo`).
    Locked,
    /// Not locked, though it could be.
    Unlocked,
    /// Some of it in memory.
    Resident,
    /// Some of it in swap.
    Swapped,
    /// Left out of core dumps.
    Undumped,
    /// Written into core dumps.
    Dumped,
    /// The kernel never locks it: its own, a device's, huge pages.
    Special,
    /// Nothing may access it.
    Inaccessible,
    /// Neither file nor name.
    Anonymous,
    /// A file.
    File,
}

impl Selection {
    pub(super) fn is_filtered(&self) -> bool {
        !self.only.is_empty() || self.name.is_some() || self.min_size.is_some()
    }

    pub(super) fn apply<'a>(&self, mappings: &'a [Mapping]) -> Vec<&'a Mapping> {
        let mut selected: Vec<_> = mappings.iter().filter(|m| self.takes(m)).collect();
        match self.sort {
            Order::Address => {}
            Order::Size => selected.sort_by_key(|m| Reverse(m.len())),
            Order::Resident => selected.sort_by_key(|m| Reverse(m.resident)),
            Order::Locked => selected.sort_by_key(|m| Reverse(m.locked())),
            Order::Swapped => selected.sort_by_key(|m| Reverse(m.swapped)),
            Order::Name => selected.sort_by_key(|m| &m.name),
        }
        selected
    }

    fn takes(&self, mapping: &Mapping) -> bool {
        self.only.iter().all(|kind| kind.holds(mapping))
            && self
                .name
                .as_ref()
                .is_none_or(|text| mapping.name.contains(text))
            && self.min_size.is_none_or(|size| mapping.len() >= size)
    }
}

impl Kind {
    fn holds(self, mapping: &Mapping) -> bool {
        let is_special = mapping.is_exempt_from_locking() || mapping.is_gate();
        match self {
            Self::Locked => mapping.has(Flag::Locked),
            Self::Unlocked => !mapping.has(Flag::Locked) && !is_special,
            Self::Resident => mapping.resident > 0,
            Self::Swapped => mapping.swapped > 0,
            Self::Undumped => mapping.has(Flag::DontDump),
            Self::Dumped => !mapping.has(Flag::DontDump),
            Self::Special => is_special,
            Self::Inaccessible => mapping.is_inaccessible(),
            Self::Anonymous => mapping.name.is_empty(),
            Self::File => mapping.name.starts_with('/'),
        }
    }
}
