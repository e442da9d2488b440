//! The cases beyond plain success and plain failure, by name, so that a run can
//! count which of them it met.

/// A partial effect, an exception or a surprise that one call showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Case {
    /// A lock hit a hole: what lies before it stays locked and charged.
    LockedBeforeHole,
    /// An unlock hit a hole: what lies before it is unlocked.
    UnlockedBeforeHole,
    /// `PROT_NONE`: `ENOMEM`, yet flagged and charged.
    UnreadableFlagged,
    /// Past the end of its file: `ENOMEM`, yet flagged and charged.
    BeyondEndFlagged,
    /// Population failed on a later page: the earlier ones are resident.
    PopulatedBeforeFailure,
    /// On fault: 0 where population would have failed.
    OnFaultHidesFailure,
    /// Huge pages: faulted in at most, never flagged.
    HugeSkipped,
    /// The kernel's own mapping: 0, never flagged.
    SpecialSkipped,
    /// Droppable memory: populated, never flagged.
    DroppableSkipped,
    /// Secret memory: locked from birth; `mlock` cannot populate it.
    SecretRefused,
    /// Secret memory stays locked when everything is unlocked.
    SecretStaysLocked,
    /// Length 0 within a page locked that page.
    ZeroLengthLocked,
    /// A length that rounds past the address space locked nothing and succeeded.
    LengthWrapped,
    /// What was locked already was not charged twice, and so it fitted.
    OverlapNotCharged,
    /// Locked already, but over a lowered limit: refused.
    RelockRefused,
    /// `lo` became `lo lf`.
    BecameOnFault,
    /// `lo lf` became `lo`.
    BecameLocked,
    /// `mlockall` met pages that it could not populate and succeeded.
    LockAllIgnoredErrors,
    /// `mlockall(MCL_CURRENT)` ended an earlier `MCL_FUTURE`.
    CurrentEndedFuture,
    /// A new mapping was locked because of `MCL_FUTURE`.
    FutureLocked,
    /// A new mapping was refused because of `MCL_FUTURE`.
    FutureRefused,
    /// `MAP_FIXED` over locked pages: refused though it would have fitted.
    ReplacedPagesCounted,
    /// `MAP_LOCKED` could not populate and succeeded.
    MapLockedHidFailure,
    /// A refused mapping of secret memory removed what it was to replace.
    FailedMapLeftHole,
    /// Unmapping locked pages gave their charge back.
    UnmapUncharged,
    /// `mprotect` made locked private pages writable and populated them.
    ProtectPopulated,
    /// `mprotect` hit a hole: what lies before it has the new protection.
    ProtectedBeforeHole,
    /// `madvise` was refused at a locked mapping; earlier ones took the advice.
    AdvisedBeforeRefusal,
    /// `madvise` passed over a hole, advised what follows and said `ENOMEM`.
    AdvisedPastHole,
    /// `MADV_DONTNEED_LOCKED` dropped pages that are still flagged.
    DroppedThoughLocked,
    /// `mremap` moved a locked mapping, lock and charge with it.
    MoveKeptLock,
    /// `mremap` moved several mappings at once.
    MovedSeveral,
    /// `mremap` enlarged a locked mapping: charged and populated.
    GrowthLocked,
    /// `mremap` was refused: the growth is over the limit.
    GrowthRefused,
    /// `MREMAP_DONTUNMAP` unlocked what it left behind.
    LeftBehindUnlocked,
    /// `MREMAP_DONTUNMAP` left a charge that nothing gives back.
    ChargeLeaked,
    /// A fork child came without its parent's locks.
    ForkCleared,
    /// A fork child came without `MCL_FUTURE`.
    ForkEndedFuture,
    /// A new program came without locks.
    ExecCleared,
}

impl Case {
    /// Every case.
    pub const ALL: [Self; 39] = [
        Self::LockedBeforeHole,
        Self::UnlockedBeforeHole,
        Self::UnreadableFlagged,
        Self::BeyondEndFlagged,
        Self::PopulatedBeforeFailure,
        Self::OnFaultHidesFailure,
        Self::HugeSkipped,
        Self::SpecialSkipped,
        Self::DroppableSkipped,
        Self::SecretRefused,
        Self::SecretStaysLocked,
        Self::ZeroLengthLocked,
        Self::LengthWrapped,
        Self::OverlapNotCharged,
        Self::RelockRefused,
        Self::BecameOnFault,
        Self::BecameLocked,
        Self::LockAllIgnoredErrors,
        Self::CurrentEndedFuture,
        Self::FutureLocked,
        Self::FutureRefused,
        Self::ReplacedPagesCounted,
        Self::MapLockedHidFailure,
        Self::FailedMapLeftHole,
        Self::UnmapUncharged,
        Self::ProtectPopulated,
        Self::ProtectedBeforeHole,
        Self::AdvisedBeforeRefusal,
        Self::AdvisedPastHole,
        Self::DroppedThoughLocked,
        Self::MoveKeptLock,
        Self::MovedSeveral,
        Self::GrowthLocked,
        Self::GrowthRefused,
        Self::LeftBehindUnlocked,
        Self::ChargeLeaked,
        Self::ForkCleared,
        Self::ForkEndedFuture,
        Self::ExecCleared,
    ];

    /// The position in [`ALL`](Self::ALL), for counting.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}
