//! The columns of the matrix: ways by which a secret may leave.

use serde::{Deserialize, Serialize};

/// A way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Channel {
    /// The swap area on disk.
    Swap,
    /// A core dump that the kernel writes.
    Core,
    /// `/proc/PID/mem`, read by another process.
    ProcMem,
    /// `process_vm_readv`, called by another process.
    VmReadv,
    /// `ptrace(PTRACE_PEEKDATA)` by another process.
    Ptrace,
    /// `gcore`: a core file that a debugger writes.
    Gcore,
    /// `gcore -a`: the same, with what was left out of dumps.
    GcoreAll,
    /// A fork child that reads what it inherited.
    Fork,
    /// Memory that was given back.
    Residue,
}

/// The experiment that serves a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Experiment {
    Swap,
    Core,
    Readers,
    Gcore,
    Fork,
    Residue,
}

impl Channel {
    /// All of them, in the order of the matrix.
    pub const ALL: [Self; 9] = [
        Self::Swap,
        Self::Core,
        Self::ProcMem,
        Self::VmReadv,
        Self::Ptrace,
        Self::Gcore,
        Self::GcoreAll,
        Self::Fork,
        Self::Residue,
    ];

    /// Those in which another process reads the memory of a living one.
    pub const READERS: [Self; 5] = [
        Self::ProcMem,
        Self::VmReadv,
        Self::Ptrace,
        Self::Gcore,
        Self::GcoreAll,
    ];

    /// The name in options and in JSON.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Swap => "swap",
            Self::Core => "core",
            Self::ProcMem => "proc-mem",
            Self::VmReadv => "vm-readv",
            Self::Ptrace => "ptrace",
            Self::Gcore => "gcore",
            Self::GcoreAll => "gcore-all",
            Self::Fork => "fork",
            Self::Residue => "residue",
        }
    }

    /// The name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Swap => "the swap area on disk",
            Self::Core => "a core dump written by the kernel",
            Self::ProcMem => "/proc/PID/mem",
            Self::VmReadv => "process_vm_readv",
            Self::Ptrace => "ptrace (PTRACE_PEEKDATA)",
            Self::Gcore => "gcore",
            Self::GcoreAll => "gcore -a",
            Self::Fork => "a fork child",
            Self::Residue => "memory given back",
        }
    }

    pub(crate) fn experiment(self) -> Experiment {
        match self {
            Self::Swap => Experiment::Swap,
            Self::Core => Experiment::Core,
            Self::ProcMem | Self::VmReadv | Self::Ptrace => Experiment::Readers,
            Self::Gcore | Self::GcoreAll => Experiment::Gcore,
            Self::Fork => Experiment::Fork,
            Self::Residue => Experiment::Residue,
        }
    }
}

impl Experiment {
    /// In the order in which they run: swap is off again before the others.
    pub(crate) const ALL: [Self; 6] = [
        Self::Swap,
        Self::Core,
        Self::Readers,
        Self::Gcore,
        Self::Fork,
        Self::Residue,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_the_json() {
        for channel in Channel::ALL {
            let json = serde_json::to_value(channel).expect("serializable");
            assert_eq!(json, channel.id());
        }
    }

    #[test]
    fn every_channel_has_an_experiment_that_runs() {
        for channel in Channel::ALL {
            assert!(Experiment::ALL.contains(&channel.experiment()));
        }
    }
}
