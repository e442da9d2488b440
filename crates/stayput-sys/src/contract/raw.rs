//! The words of `crate::raw`.

use std::fs::File;

/// What a mapping is made of.
#[derive(Clone, Copy, Debug)]
pub enum Source<'file> {
    /// `MAP_PRIVATE | MAP_ANONYMOUS`.
    Anonymous,
    /// `MAP_DROPPABLE | MAP_ANONYMOUS`, since Linux 6.11.
    Droppable,
    /// `MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB | MAP_NORESERVE`.
    HugeTlb,
    /// `MAP_PRIVATE` of a file, from an offset in bytes.
    Private(&'file File, u64),
    /// `MAP_SHARED` of a file, from an offset in bytes.
    Shared(&'file File, u64),
}

/// The arguments of [`Playground::mmap`](crate::raw::Playground::mmap).
#[derive(Clone, Copy, Debug)]
pub struct MapArgs<'file> {
    /// Where; need not be aligned.
    pub addr: usize,
    /// How many bytes; need not be aligned.
    pub len: usize,
    /// `PROT_*` bits.
    pub prot: u32,
    /// What.
    pub source: Source<'file>,
    /// Any of [`MAP_LOCKED`](crate::raw::MAP_LOCKED),
    /// [`MAP_POPULATE`](crate::raw::MAP_POPULATE) and
    /// [`MAP_NONBLOCK`](crate::raw::MAP_NONBLOCK).
    pub flags: u32,
    /// `MAP_FIXED_NOREPLACE` instead of `MAP_FIXED`.
    pub no_replace: bool,
}

/// The arguments of [`Playground::mremap`](crate::raw::Playground::mremap).
#[derive(Clone, Copy, Debug)]
pub struct RemapArgs {
    /// Where the range begins.
    pub addr: usize,
    /// Its length in bytes.
    pub old_len: usize,
    /// The length that it is to have.
    pub new_len: usize,
    /// `MREMAP_*`; a move must name its target (`MREMAP_FIXED`).
    pub flags: u32,
    /// Where it is to be.
    pub new_addr: usize,
}

/// Which side of a [`fork`](crate::raw::fork) this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fork {
    /// The parent, and its child's process id.
    Parent(i32),
    /// The child.
    Child,
}
