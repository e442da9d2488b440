//! What a program sees of a clause, in a form a probe can compare.

use crate::language::List;
use std::borrow::Cow;
use std::fmt;

macro_rules! errnos {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $symbol:literal;)*) => {
        /// The error numbers of the mlock family's contract, with their numbers on Linux.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Errno {
            $($(#[$doc])* $name,)*
        }

        impl Errno {
            /// Every number the contract uses.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its symbol.
            #[must_use]
            pub const fn symbol(self) -> &'static str {
                match self {
                    $(Self::$name => $symbol,)*
                }
            }

            /// The symbol as the kernel returns it, such as `-EINVAL`.
            #[must_use]
            pub const fn negated(self) -> &'static str {
                match self {
                    $(Self::$name => concat!("-", $symbol),)*
                }
            }

            /// Its number on Linux.
            #[must_use]
            pub const fn number(self) -> i32 {
                match self {
                    $(Self::$name => $number,)*
                }
            }
        }
    };
}

errnos! {
    /// Not permitted.
    Eperm = 1, "EPERM";
    /// Interrupted.
    Eintr = 4, "EINTR";
    /// Input or output error.
    Eio = 5, "EIO";
    /// Try again.
    Eagain = 11, "EAGAIN";
    /// No memory, or no such mapping, or over the limit.
    Enomem = 12, "ENOMEM";
    /// Bad address.
    Efault = 14, "EFAULT";
    /// Busy.
    Ebusy = 16, "EBUSY";
    /// Invalid argument.
    Einval = 22, "EINVAL";
    /// No such call.
    Enosys = 38, "ENOSYS";
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}

/// What smaps says of one page's mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Page {
    /// Mapped, neither `lo` nor `lf` in `VmFlags`.
    Unlocked,
    /// `lo`.
    Locked,
    /// `lo` and `lf`.
    OnFault,
    /// Not mapped.
    Unmapped,
}

/// One thing a probe observes. A clause lists them in the order in which its scenario makes them
/// visible; a probe returns its observations in the same order, and they must be equal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expect {
    /// The call succeeded.
    Succeeds,
    /// The call failed with this number.
    Fails(Errno),
    /// The pages of the scenario, in order of address, as smaps shows them.
    Pages(List<Page>),
    /// Which of the scenario's pages are resident (`mincore`), in order of address.
    Resident(List<bool>),
    /// `VmLck` in pages, less what it was before the scenario.
    Charged(i64),
    /// A signal of this number arrived (Linux number).
    Signalled(i32),
    /// Whether the statement at the end of the scenario held.
    Holds(bool),
}

impl Expect {
    /// Pages in constant data.
    #[must_use]
    pub const fn pages(pages: &'static [Page]) -> Self {
        Self::Pages(Cow::Borrowed(pages))
    }

    /// Residency in constant data.
    #[must_use]
    pub const fn resident(pages: &'static [bool]) -> Self {
        Self::Resident(Cow::Borrowed(pages))
    }

    /// The same observation claimed otherwise: what a probe must refute if it can tell.
    #[must_use]
    pub fn flipped(&self) -> Self {
        match self {
            Self::Succeeds => Self::Fails(Errno::Einval),
            Self::Fails(_) => Self::Succeeds,
            Self::Pages(pages) => Self::Pages(first_changed(pages, |page| match page {
                Page::Unlocked => Page::Locked,
                Page::Locked | Page::OnFault | Page::Unmapped => Page::Unlocked,
            })),
            Self::Resident(pages) => Self::Resident(first_changed(pages, |resident| !resident)),
            Self::Charged(pages) => Self::Charged(pages + 1),
            Self::Signalled(_) => Self::Holds(true),
            Self::Holds(held) => Self::Holds(!held),
        }
    }
}

fn first_changed<T: Copy>(items: &[T], change: impl Fn(T) -> T) -> List<T> {
    let mut items = items.to_vec();
    if let Some(first) = items.first_mut() {
        *first = change(*first);
    }
    Cow::Owned(items)
}

impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Succeeds => f.write_str("succeeds"),
            Self::Fails(errno) => write!(f, "fails with {errno}"),
            Self::Pages(pages) => {
                f.write_str("VmFlags")?;
                pages.iter().try_for_each(|page| {
                    f.write_str(match page {
                        Page::Unlocked => " --",
                        Page::Locked => " lo",
                        Page::OnFault => " lo+lf",
                        Page::Unmapped => " (unmapped)",
                    })
                })
            }
            Self::Resident(pages) => {
                f.write_str("resident ")?;
                pages
                    .iter()
                    .try_for_each(|page| f.write_str(if *page { "1" } else { "0" }))
            }
            Self::Charged(pages) => write!(f, "VmLck {pages:+} pages"),
            Self::Signalled(number) => write!(f, "signal {number}"),
            Self::Holds(true) => f.write_str("holds"),
            Self::Holds(false) => f.write_str("does not hold"),
        }
    }
}
