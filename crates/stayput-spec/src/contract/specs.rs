//! The five calls in the kernel's specification language.

/// A list of constant data. The inline constant gives the items a home; a function's argument
/// would be a temporary.
macro_rules! list {
    ($($item:expr),* $(,)?) => {
        ::std::borrow::Cow::Borrowed(const { &[$($item),*] })
    };
}

mod address_space;
mod range;
mod shared;

use crate::language::Spec;

/// `mlock`, `mlock2`, `munlock`, `mlockall`, `munlockall`.
pub static SPECS: [Spec; 5] = [
    range::MLOCK,
    range::MLOCK2,
    range::MUNLOCK,
    address_space::MLOCKALL,
    address_space::MUNLOCKALL,
];
