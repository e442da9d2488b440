//! Comparison that takes the same time wherever the difference lies (`subtle`).

use super::{Plain, Secret, SecretBytes, SecretString};
use subtle::{Choice, ConstantTimeEq};

impl<T: Plain> ConstantTimeEq for Secret<T> {
    /// Compares the values' bytes.
    fn ct_eq(&self, other: &Self) -> Choice {
        self.expose_bytes().ct_eq(other.expose_bytes())
    }
}

impl ConstantTimeEq for SecretBytes {
    /// The length is no secret: bytes of different lengths differ at once.
    fn ct_eq(&self, other: &Self) -> Choice {
        self.expose().ct_eq(other.expose())
    }
}

impl ConstantTimeEq for SecretString {
    /// As for [`SecretBytes`]; nothing is normalised.
    fn ct_eq(&self, other: &Self) -> Choice {
        self.expose().as_bytes().ct_eq(other.expose().as_bytes())
    }
}

macro_rules! equal_in_constant_time {
    ($([$($param:ident)?] $type:ty;)*) => {$(
        impl$(<$param: Plain>)? PartialEq for $type {
            /// In constant time.
            fn eq(&self, other: &Self) -> bool {
                self.ct_eq(other).into()
            }
        }

        impl$(<$param: Plain>)? Eq for $type {}
    )*};
}

equal_in_constant_time! {
    [T] Secret<T>;
    [] SecretBytes;
    [] SecretString;
}
