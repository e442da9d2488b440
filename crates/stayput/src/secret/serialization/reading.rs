//! Reading: what is found goes into locked memory at once.
//!
//! The deserializer's own input, and the buffer in which some of them undo escapes, are
//! their owner's to protect. Its errors are replaced: they quote what was found, which may
//! be the secret in another form (a PIN as a number).

use crate::limits::LockError;
use crate::secret::{Plain, Secret, SecretBytes, SecretString};
use ::serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

impl<'de> Deserialize<'de> for SecretString {
    /// From text.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let ours = Ours::default();
        let result = deserializer.deserialize_str(Text(&ours));
        result.map_err(|error| ours.or_unshown(error, "text"))
    }
}

impl<'de> Deserialize<'de> for SecretBytes {
    /// From bytes or a sequence of them; text is taken as its bytes.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let ours = Ours::default();
        let result = deserializer.deserialize_bytes(Bytes(&ours));
        result.map_err(|error| ours.or_unshown(error, "bytes, or a sequence of them"))
    }
}

impl<'de, T: Plain> Deserialize<'de> for Secret<T> {
    /// From as many bytes as the value has, or a sequence of them.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let ours = Ours::default();
        let result = deserializer.deserialize_bytes(Value(&ours, PhantomData));
        result.map_err(|error| ours.or_unshown(error, "bytes, or a sequence of them"))
    }
}

/// Whether an error is one of ours, which say nothing that they must not.
#[derive(Default)]
struct Ours(Cell<bool>);

impl Ours {
    fn lock<E: Error>(&self, error: LockError) -> E {
        self.0.set(true);
        E::custom(error)
    }

    fn length<E: Error>(&self, found: usize, expected: &dyn ::serde::de::Expected) -> E {
        self.0.set(true);
        E::invalid_length(found, expected)
    }

    fn or_unshown<E: Error>(&self, error: E, expected: &str) -> E {
        if self.0.get() {
            return error;
        }
        E::custom(format_args!(
            "expected {expected}; the deserializer's own message is left out, since it may show \
             the secret"
        ))
    }
}

struct Text<'a>(&'a Ours);

impl Visitor<'_> for Text<'_> {
    type Value = SecretString;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<SecretString, E> {
        let mut secret = SecretString::try_new().map_err(|error| self.0.lock(error))?;
        let pushed = secret.try_push_str(text);
        pushed.map_err(|error| self.0.lock(error))?;
        Ok(secret)
    }

    /// A string that is handed over is wiped.
    fn visit_string<E: Error>(self, mut text: String) -> Result<SecretString, E> {
        SecretString::take_from(&mut text).map_err(|error| self.0.lock(error))
    }
}

struct Bytes<'a>(&'a Ours);

impl<'de> Visitor<'de> for Bytes<'_> {
    type Value = SecretBytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes, or a sequence of them")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<SecretBytes, E> {
        let copy = |place: &mut [u8]| place.copy_from_slice(bytes);
        SecretBytes::try_init_with(bytes.len(), copy).map_err(|error| self.0.lock(error))
    }

    /// A vector that is handed over is wiped.
    fn visit_byte_buf<E: Error>(self, mut bytes: Vec<u8>) -> Result<SecretBytes, E> {
        SecretBytes::take_from(&mut bytes).map_err(|error| self.0.lock(error))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<SecretBytes, E> {
        self.visit_bytes(text.as_bytes())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<SecretBytes, E> {
        self.visit_byte_buf(text.into_bytes())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<SecretBytes, A::Error> {
        let mut secret = SecretBytes::try_new().map_err(|error| self.0.lock(error))?;
        while let Some(byte) = items.next_element::<u8>()? {
            let added = secret.try_extend_from_slice(&[byte]);
            added.map_err(|error| self.0.lock(error))?;
        }
        Ok(secret)
    }
}

struct Value<'a, T>(&'a Ours, PhantomData<T>);

impl<'de, T: Plain> Visitor<'de> for Value<'_, T> {
    type Value = Secret<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes, or a sequence of them", size_of::<T>())
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Secret<T>, E> {
        if bytes.len() != size_of::<T>() {
            return Err(self.0.length(bytes.len(), &self));
        }
        let mut secret = Secret::try_init_with(|_| {}).map_err(|error| self.0.lock(error))?;
        secret.expose_bytes_mut().copy_from_slice(bytes);
        Ok(secret)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Secret<T>, A::Error> {
        let mut secret = Secret::try_init_with(|_| {}).map_err(|error| self.0.lock(error))?;
        for (at, place) in secret.expose_bytes_mut().iter_mut().enumerate() {
            let byte = items.next_element()?;
            *place = byte.ok_or_else(|| self.0.length(at, &self))?;
        }
        match items.next_element::<u8>()? {
            None => Ok(secret),
            Some(_) => Err(self.0.length(size_of::<T>() + 1, &self)),
        }
    }
}
