//! The facts that the model rests on, one by one.

/// One fact. The model asks for each by name; flipping one is a false model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Rule {
    /// Without the capability and with limit 0 every locking call is `EPERM`.
    EpermAtLimitZero,
    /// Bad flags are `EINVAL` before `EPERM`.
    FlagsBeforePermission,
    /// `munlock` and `munlockall` need no permission.
    UnlockingIsFree,
    /// The capability lifts the limit.
    CapabilityLiftsLimit,
    /// Limits count whole pages: 4095 bytes are none.
    LimitRoundsDown,
    /// Length 0 within a page covers that page.
    ZeroLengthCoversPage,
    /// A rounded length that wraps to 0 succeeds and locks nothing.
    LengthWraps,
    /// Pages locked already are not charged twice.
    OverlapNotCharged,
    /// Being over the limit refuses even what is locked already.
    OverLimitRefusesRelock,
    /// A lock that meets a hole leaves locked what lies before it.
    HoleKeepsEarlierLocks,
    /// `PROT_NONE` is flagged and charged although the call fails.
    UnreadableIsFlagged,
    /// Populating `PROT_NONE` fails.
    UnreadableFails,
    /// Populating past the end of a file fails.
    BeyondEndFails,
    /// A lock brings pages in.
    LockPopulates,
    /// A lock on fault brings no page in.
    OnFaultDefers,
    /// smaps tells a lock on fault apart, by `lf` (Linux 6.2).
    OnFaultIsShown,
    /// A plain lock clears the on-fault flag.
    PlainLockClearsOnFault,
    /// Huge pages are never flagged.
    HugeNeverFlagged,
    /// The kernel's own mappings are never flagged.
    SpecialNeverFlagged,
    /// Droppable memory is never flagged (Linux 6.11).
    DroppableNeverFlagged,
    /// `MCL_FUTURE` does not flag droppable memory either (Linux 6.18).
    FutureSkipsDroppable,
    /// Secret memory is locked from birth (Linux 5.14).
    SecretBornLocked,
    /// Neither `mlock` nor `munlock` changes the flags of secret memory.
    SecretLockStays,
    /// Secret memory can't be populated by `mlock`.
    SecretNotPopulated,
    /// `mlockall` ignores errors per mapping.
    LockAllIgnoresErrors,
    /// `mlockall(MCL_CURRENT)` compares the whole address space with the limit.
    LockAllComparesTotal,
    /// Every `mlockall` replaces the default for new mappings.
    LockAllReplacesFuture,
    /// `munlockall` ends `MCL_FUTURE`.
    UnlockAllEndsFuture,
    /// `MCL_FUTURE` locks new mappings.
    FutureLocksMappings,
    /// `MCL_FUTURE` over the limit refuses new mappings with `EAGAIN`.
    FutureRefusesMappings,
    /// A fixed mapping counts in full beside the locked pages that it replaces.
    ReplacedPagesCount,
    /// `MAP_LOCKED` with limit 0 and no capability is `EPERM`.
    MapLockedNeedsPermission,
    /// `MAP_LOCKED` succeeds where population fails.
    MapLockedHidesFailure,
    /// Secret memory is charged when mapped: `EAGAIN` over the limit.
    SecretChargedAtMap,
    /// That refusal comes after the pages to be replaced are gone.
    RefusedSecretLeavesHole,
    /// Unmapping gives the charge back.
    UnmapUncharges,
    /// `mprotect` populates locked private pages that become writable.
    ProtectPopulates,
    /// `MADV_DONTNEED` and `MADV_FREE` are refused where locked.
    DropRefusedWhereLocked,
    /// `MADV_COLD` and `MADV_PAGEOUT` are refused where locked.
    ReclaimRefusedWhereLocked,
    /// `MADV_DONTNEED_LOCKED` drops locked pages (Linux 5.18).
    DontNeedLockedDrops,
    /// `madvise` passes over holes.
    AdvicePassesHoles,
    /// `MADV_POPULATE_READ` and `_WRITE` do not (Linux 6.9).
    PopulateStopsAtHole,
    /// `mremap` takes the lock along.
    MoveKeepsLock,
    /// `mremap` checks growth of a locked mapping against the limit.
    GrowthIsLimited,
    /// `mremap` populates growth of a locked mapping.
    GrowthPopulates,
    /// `mremap` looks at all it was given before it unmaps the target and the
    /// tail (Linux 6.17).
    MoveCheckedFirst,
    /// `mremap` moves several mappings at once (Linux 6.17).
    MovesSeveral,
    /// `MREMAP_DONTUNMAP` unlocks what it leaves behind.
    DontUnmapUnlocks,
    /// With it the rest of the mapping that a part was moved out of (seen on 6.18).
    DontUnmapUnlocksRest,
    /// `MREMAP_DONTUNMAP` charges the moved pages a second time (seen on 6.18).
    DontUnmapChargesTwice,
    /// A fork child has no locks and no charge.
    ForkClearsLocks,
    /// A fork child has no `MCL_FUTURE`.
    ForkEndsFuture,
    /// A new program has no locks and no charge.
    ExecClearsLocks,
    /// A new program has no `MCL_FUTURE`.
    ExecEndsFuture,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 54] = [
        Self::EpermAtLimitZero,
        Self::FlagsBeforePermission,
        Self::UnlockingIsFree,
        Self::CapabilityLiftsLimit,
        Self::LimitRoundsDown,
        Self::ZeroLengthCoversPage,
        Self::LengthWraps,
        Self::OverlapNotCharged,
        Self::OverLimitRefusesRelock,
        Self::HoleKeepsEarlierLocks,
        Self::UnreadableIsFlagged,
        Self::UnreadableFails,
        Self::BeyondEndFails,
        Self::LockPopulates,
        Self::OnFaultDefers,
        Self::OnFaultIsShown,
        Self::PlainLockClearsOnFault,
        Self::HugeNeverFlagged,
        Self::SpecialNeverFlagged,
        Self::DroppableNeverFlagged,
        Self::FutureSkipsDroppable,
        Self::SecretBornLocked,
        Self::SecretLockStays,
        Self::SecretNotPopulated,
        Self::LockAllIgnoresErrors,
        Self::LockAllComparesTotal,
        Self::LockAllReplacesFuture,
        Self::UnlockAllEndsFuture,
        Self::FutureLocksMappings,
        Self::FutureRefusesMappings,
        Self::ReplacedPagesCount,
        Self::MapLockedNeedsPermission,
        Self::MapLockedHidesFailure,
        Self::SecretChargedAtMap,
        Self::RefusedSecretLeavesHole,
        Self::UnmapUncharges,
        Self::ProtectPopulates,
        Self::DropRefusedWhereLocked,
        Self::ReclaimRefusedWhereLocked,
        Self::DontNeedLockedDrops,
        Self::AdvicePassesHoles,
        Self::PopulateStopsAtHole,
        Self::MoveKeepsLock,
        Self::GrowthIsLimited,
        Self::GrowthPopulates,
        Self::MoveCheckedFirst,
        Self::MovesSeveral,
        Self::DontUnmapUnlocks,
        Self::DontUnmapUnlocksRest,
        Self::DontUnmapChargesTwice,
        Self::ForkClearsLocks,
        Self::ForkEndsFuture,
        Self::ExecClearsLocks,
        Self::ExecEndsFuture,
    ];

    /// The kernel release that first behaves so, where it is one that the model
    /// may meet.
    #[must_use]
    pub const fn since(self) -> Option<(u32, u32)> {
        match self {
            Self::FutureSkipsDroppable => Some((6, 18)),
            Self::MovesSeveral | Self::MoveCheckedFirst => Some((6, 17)),
            Self::DontUnmapChargesTwice => Some((6, 15)),
            Self::PopulateStopsAtHole => Some((6, 9)),
            Self::OnFaultIsShown => Some((6, 2)),
            _ => None,
        }
    }
}

/// Which facts hold: a set of [`Rule`]s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules(u64);

impl Rules {
    /// Linux 6.18, the newest kernel that the model was run against.
    #[must_use]
    pub const fn newest() -> Self {
        Self(u64::MAX)
    }

    /// The facts of release `major.minor`.
    #[must_use]
    pub fn of_linux(major: u32, minor: u32) -> Self {
        let later = |rule: &&Rule| rule.since().is_some_and(|since| since > (major, minor));
        Rule::ALL
            .iter()
            .filter(later)
            .fold(Self::newest(), |rules, rule| rules.flipped(*rule))
    }

    /// Whether the fact holds.
    #[must_use]
    pub const fn holds(self, rule: Rule) -> bool {
        self.0 & (1 << rule as u32) != 0
    }

    /// As a number, to be handed to another process.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// What [`bits`](Self::bits) gave.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// With one fact turned into its contrary.
    #[must_use]
    pub const fn flipped(self, rule: Rule) -> Self {
        Self(self.0 ^ (1 << rule as u32))
    }
}
