//! What must not compile: by traits, whatever the compiler, and programs with what one
//! compiler says of them. (More borrows are in the documentation of `Guarded` and `Sealed`.)

use static_assertions::{assert_impl_all, assert_not_impl_any};
use stayput::secret::{Exposed, ExposedMut};
use stayput::{Guarded, Pool, Secret, SecretBytes, SecretString};
use std::borrow::Borrow;
use std::cell::Cell;
use std::fmt::{Debug, Display, LowerHex, Pointer};
use std::hash::Hash;
use std::ops::Deref;

type Key = [u8; 32];

// The controls: what the same assertions find elsewhere.
assert_impl_all!(Vec<u8>: Clone, Debug, Hash, Deref, Borrow<[u8]>, AsRef<[u8]>);
assert_impl_all!(String: Display);

/// No copies, no conversions that make some, nothing that prints, hashes or sorts.
macro_rules! keeps_to_itself {
    ($($type:ty),* $(,)?) => {$(
        assert_not_impl_any!($type: Clone, Copy, Default, Display, LowerHex, Pointer);
        assert_not_impl_any!($type: Hash, PartialOrd, Deref, IntoIterator, ToString);
        assert_not_impl_any!($type: AsRef<[u8]>, AsRef<str>, Borrow<[u8]>, Borrow<str>);
        assert_not_impl_any!($type: Into<Vec<u8>>, Into<String>, From<String>, From<Vec<u8>>);
        assert_impl_all!($type: Debug); // redacted
    )*};
}

keeps_to_itself!(Secret<Key>, SecretBytes, SecretString, Guarded<Key>);
assert_not_impl_any!(Exposed<'static, Key>: Clone, Copy, Display, Hash);
assert_not_impl_any!(ExposedMut<'static, Key>: Clone, Copy, Display, Hash);

// Not even where the feature for reading is on.
#[cfg(feature = "serde")]
assert_not_impl_any!(Secret<Key>: serde::Serialize);
#[cfg(feature = "serde")]
assert_not_impl_any!(SecretBytes: serde::Serialize);
#[cfg(feature = "serde")]
assert_not_impl_any!(SecretString: serde::Serialize);
#[cfg(feature = "serde")]
assert_impl_all!(SecretString: serde::de::DeserializeOwned);
#[cfg(not(feature = "subtle"))]
assert_not_impl_any!(SecretBytes: PartialEq);
#[cfg(feature = "sealed")]
keeps_to_itself!(stayput::Sealed<Key>, stayput::SealedBytes);

/// A value that threads may hand on but not share.
struct HandedOn(Cell<u8>);
// SAFETY: a byte, and nothing on the heap.
unsafe impl stayput::ZeroInit for HandedOn {}

/// A value that stays on its thread.
struct Stays(*const u8);
// SAFETY: null is a pointer, which owns nothing.
unsafe impl stayput::ZeroInit for Stays {}

assert_impl_all!(Secret<Key>: Send, Sync);
assert_impl_all!(Guarded<Key>: Send, Sync);
assert_impl_all!(Exposed<'static, Key>: Send, Sync);
assert_impl_all!(Secret<HandedOn>: Send);
assert_impl_all!(Guarded<HandedOn>: Send);
assert_not_impl_any!(Secret<HandedOn>: Sync);
assert_not_impl_any!(Guarded<HandedOn>: Sync);
// A shared borrow on another thread would be sharing; a sole one is handed on.
assert_not_impl_any!(Exposed<'static, HandedOn>: Send, Sync);
assert_impl_all!(ExposedMut<'static, HandedOn>: Send);
assert_not_impl_any!(Secret<Stays>: Send, Sync);
assert_not_impl_any!(Guarded<Stays>: Send, Sync);
assert_not_impl_any!(ExposedMut<'static, Stays>: Send, Sync);
assert_impl_all!(Pool: Send, Sync, Clone);

#[test]
fn values_that_stay_on_their_thread_work_there() {
    let secret = Secret::<HandedOn>::try_init_with(|place| place.0.set(3));
    assert_eq!(secret.expect("within limits").expose().0.get(), 3);
    let stays = Guarded::<Stays>::try_init_with(|_| {}).expect("within limits");
    assert!(stays.expose().expect("readable").0.is_null());
}

/// What the user reads. It changes with the compiler, so it is one compiler's; that the
/// traits are missing is asserted above with each.
#[cfg(all(
    target_os = "linux",
    target_arch = "x86_64",
    target_env = "gnu",
    not(loom)
))]
mod messages {
    use std::path::Path;
    use std::process::Command;

    // Not on Windows: one platform's compiler is asked.
    #[rustversion::attr(
        not(stable(1.95)),
        ignore = "the expected messages are those of Rust 1.95"
    )]
    #[test]
    fn programs_are_refused_with_the_reason() {
        let programs = trybuild::TestCases::new();
        let refused = |name| programs.compile_fail(format!("tests/must_not_compile/{name}.rs"));
        for name in ["clone", "heap", "outlive", "print"] {
            refused(name);
        }
        if cfg!(feature = "serde") {
            refused("serialize");
        }
        if has_std_sources() {
            eprintln!("SKIPPED send.rs: where rust-src is installed, its message quotes std");
        } else {
            refused("send");
        }
    }

    fn has_std_sources() -> bool {
        let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output();
        let sysroot = String::from_utf8(sysroot.expect("a compiler").stdout).expect("UTF-8");
        Path::new(sysroot.trim())
            .join("lib/rustlib/src/rust")
            .exists()
    }
}
