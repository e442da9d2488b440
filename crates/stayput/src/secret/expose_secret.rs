//! The traits of the crate `secrecy`, for code that is generic over them.

use super::{Secret, SecretBytes, SecretString, ZeroInit};
use secrecy::{ExposeSecret, ExposeSecretMut};

impl<T: ZeroInit> ExposeSecret<T> for Secret<T> {
    fn expose_secret(&self) -> &T {
        self.expose()
    }
}

impl<T: ZeroInit> ExposeSecretMut<T> for Secret<T> {
    fn expose_secret_mut(&mut self) -> &mut T {
        self.expose_mut()
    }
}

impl ExposeSecret<[u8]> for SecretBytes {
    fn expose_secret(&self) -> &[u8] {
        self.expose()
    }
}

impl ExposeSecretMut<[u8]> for SecretBytes {
    fn expose_secret_mut(&mut self) -> &mut [u8] {
        self.expose_mut()
    }
}

impl ExposeSecret<str> for SecretString {
    fn expose_secret(&self) -> &str {
        self.expose()
    }
}
