//! What a pool holds.

/// A pool's state at one moment; sizes in bytes, of slots rather than requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// In live allocations.
    pub used: usize,
    /// Committed, in no allocation.
    pub free: usize,
    /// Committed.
    pub total: usize,
    /// Locked.
    pub locked: usize,
    /// Live allocations.
    pub chunks_used: usize,
    /// Free slots, and free pages.
    pub chunks_free: usize,
    /// What the system refused to release or protect, in any pool, lock or guarded
    /// value of this process: a drop has no other way to report it.
    pub errors_in_drop: u64,
}
