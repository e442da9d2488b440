//! The lines of the table: who does what, and what ours must reach.

use crate::peer::{Peer, Work};
use crate::peers::{self, Control, Form, InTurn, Malloc, OURS};
use crate::work::{
    Budget, Churn, Elsewhere, GUARDS, LOCKERS, Length, Million, Outcome, Replace, Threads, WIPERS,
    borrow_and_return, give_back, lock_and_touch, wipe,
};

/// One line of the table.
pub(crate) struct Row {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) figures: &'static [Figure],
    /// Names, the yardstick's first where figures are ratios.
    pub(crate) contestants: fn() -> Vec<&'static str>,
    /// Does the work in this process; `None` for a name that is not known.
    pub(crate) sample: fn(&str) -> Option<Outcome>,
}

/// One number of a line.
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    pub(crate) scale: Scale,
    pub(crate) target: Option<Target>,
}

/// How a figure is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// As a multiple of the yardstick's.
    Ratio,
    /// The yardstick's as a multiple of it: throughput.
    Inverse,
    /// As it is: a count, a size, or already a ratio.
    Plain,
}

/// What ours must reach.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    AtMost(f64),
    AtLeast(f64),
}

/// All lines, in the order.
pub(crate) const ROWS: &[Row] = &[
    Row {
        id: "typed",
        title: "`Secret<[u8; 32]>`: create in place, drop",
        figures: &[ratio("time", Some(Target::AtMost(0.5)))],
        contestants: || peers::names(Form::Typed),
        sample: |name| peers::run(&churn(Length::Constant), Form::Typed, name),
    },
    Row {
        id: "bytes",
        title: "`SecretBytes` of 32 bytes, size known at run time",
        figures: &[ratio("time", Some(Target::AtMost(0.65)))],
        contestants: || peers::names(Form::Bytes),
        sample: |name| peers::run(&churn(Length::RunTime), Form::Bytes, name),
    },
    Row {
        id: "threads",
        title: "the same from two threads at once, against one thread's rate",
        figures: &[plain("scaling", Some(Target::AtLeast(1.85)))],
        contestants: || with(&[Control::NAME], peers::names(Form::Bytes)),
        sample: |name| peers::run(&Threads, Form::Bytes, name),
    },
    Row {
        id: "elsewhere",
        title: "32 bytes freed on another thread than allocated, against the yardstick on one",
        figures: &[ratio("time", Some(Target::AtMost(2.0)))],
        contestants: || {
            let first = [Malloc::NAME, MALLOC_ELSEWHERE, InTurn::NAME];
            with(&first, others(Form::Typed))
        },
        sample: |name| match name {
            Malloc::NAME => Some(churn(Length::Constant).run::<Malloc>()),
            MALLOC_ELSEWHERE => Some(Elsewhere.run::<Malloc>()),
            InTurn::NAME => Some(Elsewhere.run::<InTurn>()),
            _ => peers::run(&Elsewhere, Form::Typed, name),
        },
    },
    Row {
        id: "replace",
        title: "10,000 live, 1 M random replacements, 16 to 4,096 bytes, log-uniform",
        figures: &[
            ratio("time", Some(Target::AtMost(0.55))),
            plain("locked/live", Some(Target::AtMost(1.4))),
        ],
        contestants: || peers::names(Form::Bytes),
        sample: |name| peers::run(&Replace, Form::Bytes, name),
    },
    Row {
        id: "million",
        title: "1 M live 32-byte secrets, in a fresh process",
        figures: &[
            ratio("build", Some(Target::AtMost(0.7))),
            ratio("drop", Some(Target::AtMost(1.0))),
            plain("locked MiB", Some(Target::AtMost(33.0))),
            plain("more mappings", Some(Target::AtMost(4.0))),
        ],
        contestants: || peers::names(Form::Typed),
        sample: |name| peers::run(&Million, Form::Typed, name),
    },
    Row {
        id: "budget-64k",
        title: "32-byte secrets in 64 KiB of `RLIMIT_MEMLOCK`, without privilege",
        figures: &[
            plain("locked secrets", Some(Target::AtLeast(2048.0))),
            plain("unlocked secrets", Some(Target::AtMost(0.0))),
        ],
        contestants: || others(Form::Typed),
        sample: |name| peers::run(&Budget(64 << 10), Form::Typed, name),
    },
    Row {
        id: "budget-8m",
        title: "32-byte secrets in 8 MiB of `RLIMIT_MEMLOCK`, without privilege",
        figures: &[
            plain("locked secrets", Some(Target::AtLeast(262_144.0))),
            plain("unlocked secrets", Some(Target::AtMost(0.0))),
        ],
        contestants: || others(Form::Typed),
        sample: |name| peers::run(&Budget(8 << 20), Form::Typed, name),
    },
    Row {
        id: "give-back",
        title: "memory given back: 1 M secrets dropped, other sizes, then `trim()`",
        figures: &[
            plain("peak KiB", None),
            plain("step KiB", None),
            plain("kept after trim, in steps", Some(Target::AtMost(1.0))),
            plain("growth by another size KiB", Some(Target::AtMost(0.0))),
        ],
        contestants: || vec![OURS],
        sample: |name| (name == OURS).then(give_back),
    },
    Row {
        id: "guarded",
        title: "`Guarded<[u8; 32]>`: borrow to read and return, against libsodium's cycle",
        figures: &[ratio("time", Some(Target::AtMost(1.0)))],
        contestants: || GUARDS.to_vec(),
        sample: borrow_and_return,
    },
    Row {
        id: "wipe-32",
        title: "wipe 32 B, throughput",
        figures: THROUGHPUT,
        contestants: || WIPERS.to_vec(),
        sample: |name| wipe(name, 32),
    },
    Row {
        id: "wipe-256",
        title: "wipe 256 B, throughput",
        figures: THROUGHPUT,
        contestants: || WIPERS.to_vec(),
        sample: |name| wipe(name, 256),
    },
    Row {
        id: "wipe-4k",
        title: "wipe 4 KiB, throughput",
        figures: THROUGHPUT,
        contestants: || WIPERS.to_vec(),
        sample: |name| wipe(name, 4 << 10),
    },
    Row {
        id: "wipe-32k",
        title: "wipe 32 KiB, throughput",
        figures: THROUGHPUT,
        contestants: || WIPERS.to_vec(),
        sample: |name| wipe(name, 32 << 10),
    },
    Row {
        id: "wipe-64m",
        title: "wipe 64 MiB, throughput",
        figures: THROUGHPUT,
        contestants: || WIPERS.to_vec(),
        sample: |name| wipe(name, 64 << 20),
    },
    Row {
        id: "pages",
        title: "lock and touch 1 GiB (`LockedPages`), throughput",
        figures: &[Figure {
            name: "time",
            scale: Scale::Inverse,
            target: Some(Target::AtLeast(6.0)),
        }],
        contestants: || LOCKERS.to_vec(),
        sample: lock_and_touch,
    },
];

impl Target {
    pub(crate) fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtMost(bound) => value <= bound,
            Self::AtLeast(bound) => value >= bound,
        }
    }
}

const MALLOC_ELSEWHERE: &str = "malloc, freed elsewhere";

const THROUGHPUT: &[Figure] = &[Figure {
    name: "time",
    scale: Scale::Inverse,
    target: Some(Target::AtLeast(1.0)),
}];

const fn ratio(name: &'static str, target: Option<Target>) -> Figure {
    let scale = Scale::Ratio;
    Figure {
        name,
        scale,
        target,
    }
}

const fn plain(name: &'static str, target: Option<Target>) -> Figure {
    let scale = Scale::Plain;
    Figure {
        name,
        scale,
        target,
    }
}

fn churn(length: Length) -> Churn {
    Churn {
        length,
        times: None,
    }
}

fn others(form: Form) -> Vec<&'static str> {
    let mut names = peers::names(form);
    names.retain(|&name| name != Malloc::NAME);
    names
}

fn with(first: &[&'static str], rest: Vec<&'static str>) -> Vec<&'static str> {
    first.iter().copied().chain(rest).collect()
}
