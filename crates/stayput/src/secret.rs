//! Secrets: values in locked memory, wiped when dropped, filled in place.
//!
//! [`Secret<T>`] holds a value of fixed size, [`SecretBytes`] bytes of any
//! length, [`SecretString`] text. They live in a [`Pool`](crate::Pool): the process-wide one,
//! or with the `_in` functions one of your own. None of them is `Clone`, prints
//! its content, or leaves a copy behind when it grows.
//!
//! These are readable while they live. [`Guarded<T>`] has pages of its own, which
//! are inaccessible unless borrowed; `Sealed<T>` and `SealedBytes` (feature
//! `sealed`) are encrypted while idle.
//!
//! After a fork the child finds zeros in an inherited secret; on
//! [`Backing::SecretMem`](crate::Backing) reading one is a fault there.

mod bytes;
#[cfg(any(feature = "base64", feature = "hex"))]
mod decode;
#[cfg(feature = "subtle")]
mod equality;
#[cfg(feature = "secrecy")]
mod expose_secret;
mod fill;
mod guarded;
#[cfg(feature = "rand_core")]
mod random;
mod read;
#[cfg(feature = "sealed")]
mod sealed;
#[cfg(feature = "serde")]
mod serialization;
mod stack;
mod string;
mod value;

pub use crate::pool::{Plain, ZeroInit};
pub use bytes::SecretBytes;
#[cfg(feature = "base64")]
pub use decode::Base64;
#[cfg(any(feature = "base64", feature = "hex"))]
pub use decode::DecodeError;
pub use fill::FillError;
pub use guarded::{Exposed, ExposedMut, Guarded};
#[cfg(feature = "sealed")]
pub use sealed::{SealError, Sealed, SealedBytes, key_protection};
#[cfg(feature = "serde")]
pub use serialization::{SerializeExposed, serialize_exposed};
pub use stack::with_wiped_stack;
pub use string::{NotUtf8, SecretString};
pub use value::Secret;
