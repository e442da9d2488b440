//! The properties of a mapping, as the kernel's `VmFlags` name them.

/// One table for everything that is to be said about a flag.
macro_rules! flags {
    ($($name:ident = $letters:literal, $meaning:literal;)*) => {
        /// A property of a mapping, named by `VmFlags` in two letters.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Flag {
            $(#[doc = concat!("`", $letters, "`: ", $meaning, ".")] $name,)*
        }

        impl Flag {
            /// Every flag that this crate knows.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The kernel's two letters.
            #[must_use]
            pub const fn letters(self) -> &'static str {
                match self { $(Self::$name => $letters,)* }
            }

            /// What it means, in a few words.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning,)* }
            }
        }
    };
}

// Source: proc(5) and the kernel's Documentation/filesystems/proc.rst.
flags! {
    Readable = "rd", "readable";
    Writable = "wr", "writable";
    Executable = "ex", "executable";
    Shared = "sh", "shared";
    MayRead = "mr", "may be made readable";
    MayWrite = "mw", "may be made writable";
    MayExecute = "me", "may be made executable";
    MayShare = "ms", "may be shared";
    Locked = "lo", "locked";
    LockedOnFault = "lf", "locked page by page as they are touched";
    DontDump = "dd", "left out of core dumps";
    WipeOnFork = "wf", "zeros in a fork child";
    DontFork = "dc", "absent from a fork child";
    Mergeable = "mg", "offered for merging with equal pages";
    GrowsDown = "gd", "a stack that grows downwards";
    Io = "io", "a device's memory";
    PageFrames = "pf", "page frames without bookkeeping (VM_PFNMAP)";
    MixedMap = "mm", "page frames with and without bookkeeping (VM_MIXEDMAP)";
    DontExpand = "de", "can't be enlarged; set on what the kernel itself maps";
    HugeTlb = "ht", "huge pages of hugetlbfs, which are never swapped";
    Droppable = "dp", "the kernel may drop the content under pressure (MAP_DROPPABLE)";
    SequentialRead = "sr", "advised: read from front to back";
    RandomRead = "rr", "advised: read in any order";
    Accounted = "ac", "counted against the overcommit limit";
    NoReserve = "nr", "no swap space set aside";
    SynchronousFaults = "sf", "faults wait for the file system (MAP_SYNC)";
    Architecture = "ar", "a flag of the processor architecture";
    SoftDirty = "sd", "written since soft-dirty bits were cleared";
    HugePages = "hg", "advised: huge pages";
    NoHugePages = "nh", "advised: no huge pages";
    BranchTargets = "bt", "guarded branch targets (arm64)";
    MemoryTags = "mt", "memory tagging (arm64)";
    ShadowStack = "ss", "a shadow stack";
    UserFaultsMissing = "um", "missing pages are served by userfaultfd";
    UserFaultsWrites = "uw", "writes are watched by userfaultfd";
    UserFaultsMinor = "ui", "minor faults are served by userfaultfd";
    Sealed = "sl", "sealed against change (mseal)";
}

impl Flag {
    pub(super) fn of(letters: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|flag| flag.letters() == letters)
    }

    pub(super) const fn bit(self) -> u64 {
        1 << self as u32
    }
}
