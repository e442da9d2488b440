//! Who is compared, and in which form.

#[cfg(feature = "botan")]
pub(crate) mod botan;
mod control;
mod dryoc;
#[cfg(feature = "libgcrypt")]
pub(crate) mod gcrypt;
mod glibc;
mod heap;
mod memsec;
#[cfg(feature = "openssl")]
pub(crate) mod openssl;
mod region;
mod secmem;
#[cfg(feature = "secrets")]
mod secrets;
#[cfg(feature = "libsodium")]
pub(crate) mod sodium;
mod stayput;
mod wipers;

pub(crate) use stayput::NAME as OURS;

use crate::peer::{Peer, Work};
pub(crate) use control::{Control, InTurn};
pub(crate) use glibc::Malloc;

/// The form in which the libraries take part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// 32 bytes, known when the program is compiled.
    Typed,
    /// A length that is known when the program runs.
    Bytes,
}

/// Names and dispatch from one list of types.
macro_rules! roster {
    ($names:ident, $run:ident: $($(#[$when:meta])* $peer:ty),* $(,)?) => {
        fn $names() -> Vec<&'static str> {
            vec![$($(#[$when])* <$peer as Peer>::NAME),*]
        }

        fn $run<W: Work>(work: &W, name: &str) -> Option<W::Outcome> {
            $($(#[$when])* if name == <$peer as Peer>::NAME {
                return Some(work.run::<$peer>());
            })*
            None
        }
    };
}

roster!(typed, run_typed:
    Malloc,
    stayput::Typed,
    #[cfg(feature = "libsodium")] sodium::Sodium,
    #[cfg(feature = "openssl")] openssl::SecureHeap,
    #[cfg(feature = "libgcrypt")] gcrypt::Gcrypt,
    #[cfg(feature = "botan")] botan::Botan,
    memsec::Memsec,
    #[cfg(feature = "secrets")] secrets::Typed,
    region::Region,
    secmem::Secmem,
    dryoc::Typed,
    wipers::ZeroizeTyped,
    wipers::SecrecyTyped,
);

roster!(bytes, run_bytes:
    Malloc,
    stayput::Bytes,
    #[cfg(feature = "libsodium")] sodium::Sodium,
    #[cfg(feature = "openssl")] openssl::SecureHeap,
    #[cfg(feature = "libgcrypt")] gcrypt::Gcrypt,
    #[cfg(feature = "botan")] botan::Botan,
    memsec::Memsec,
    #[cfg(feature = "secrets")] secrets::Bytes,
    region::Region,
    secmem::Secmem,
    dryoc::Bytes,
    wipers::Zeroize,
    wipers::Secrecy,
    Control,
);

/// All names, the yardstick's first. The control is not among them.
pub(crate) fn names(form: Form) -> Vec<&'static str> {
    let mut names = match form {
        Form::Typed => typed(),
        Form::Bytes => bytes(),
    };
    names.retain(|&name| name != Control::NAME);
    names
}

/// Does the work with the library of this name; `None` for a name that is not known.
pub(crate) fn run<W: Work>(work: &W, form: Form, name: &str) -> Option<W::Outcome> {
    match form {
        Form::Typed => run_typed(work, name),
        Form::Bytes => run_bytes(work, name),
    }
}
