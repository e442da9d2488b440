//! The rows of the matrix: where a secret may be kept.

use serde::{Deserialize, Serialize};

/// A place to keep a secret in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Storage {
    /// The ordinary allocator.
    Heap,
    /// The ordinary allocator, and `mlock`.
    Mlock,
    /// Two `mlock`s on each page, and one `munlock`.
    MlockTwice,
    /// Own pages, inaccessible.
    ProtNone,
    /// Own pages, left out of core dumps.
    DontDump,
    /// `stayput::region::lock` on a buffer.
    Region,
    /// `stayput::page::PosixLockedPageAllocator`, the published interface.
    PageAllocator,
    /// `stayput::page::LockedPages`.
    LockedPages,
    /// `stayput::Secret`, on pages that are locked.
    Secret,
    /// `stayput::SecretBytes`, on pages that are locked.
    SecretBytes,
    /// `stayput::Secret`, on pages that the kernel does not map.
    SecretMem,
    /// `stayput::SecretBytes`, on pages that the kernel does not map.
    SecretBytesMem,
    /// `stayput::Guarded`, at rest.
    Guarded,
    /// `stayput::Sealed`, at rest.
    Sealed,
    /// `alloc_secure_memory`, called through the C interface.
    AllocSecureMemory,
}

/// Whose storage it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Kind {
    /// What programs do without stayput; where it leaks, an experiment works.
    Raw,
    /// What stayput offers.
    Stayput,
}

impl Storage {
    /// All of them, in the order of the matrix.
    pub const ALL: [Self; 15] = [
        Self::Heap,
        Self::Mlock,
        Self::MlockTwice,
        Self::ProtNone,
        Self::DontDump,
        Self::Region,
        Self::PageAllocator,
        Self::LockedPages,
        Self::Secret,
        Self::SecretBytes,
        Self::SecretMem,
        Self::SecretBytesMem,
        Self::Guarded,
        Self::Sealed,
        Self::AllocSecureMemory,
    ];

    /// The name in options and in JSON.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Heap => "heap",
            Self::Mlock => "mlock",
            Self::MlockTwice => "mlock-twice",
            Self::ProtNone => "prot-none",
            Self::DontDump => "dont-dump",
            Self::Region => "region",
            Self::PageAllocator => "page-allocator",
            Self::LockedPages => "locked-pages",
            Self::Secret => "secret",
            Self::SecretBytes => "secret-bytes",
            Self::SecretMem => "secret-mem",
            Self::SecretBytesMem => "secret-bytes-mem",
            Self::Guarded => "guarded",
            Self::Sealed => "sealed",
            Self::AllocSecureMemory => "alloc-secure-memory",
        }
    }

    /// The name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Heap => "plain heap",
            Self::Mlock => "raw mlock",
            Self::MlockTwice => "two raw locks on one page",
            Self::ProtNone => "PROT_NONE only",
            Self::DontDump => "DONTDUMP only",
            Self::Region => "region::lock",
            Self::PageAllocator => "PosixLockedPageAllocator",
            Self::LockedPages => "LockedPages",
            Self::Secret => "Secret on Locked",
            Self::SecretBytes => "SecretBytes on Locked",
            Self::SecretMem => "Secret on SecretMem",
            Self::SecretBytesMem => "SecretBytes on SecretMem",
            Self::Guarded => "Guarded at rest",
            Self::Sealed => "Sealed at rest",
            Self::AllocSecureMemory => "alloc_secure_memory (C)",
        }
    }

    /// Whose it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::Heap | Self::Mlock | Self::MlockTwice | Self::ProtNone | Self::DontDump => {
                Kind::Raw
            }
            _ => Kind::Stayput,
        }
    }

    /// Whether its places hold the markers as they are.
    pub(crate) fn is_plain(self) -> bool {
        self != Self::Sealed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_the_json() {
        for storage in Storage::ALL {
            let json = serde_json::to_value(storage).expect("serializable");
            assert_eq!(json, storage.id());
        }
    }
}
