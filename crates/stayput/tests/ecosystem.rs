//! Other crates' traits, a feature each.

#[cfg(feature = "tracing")]
#[path = "support/listener.rs"]
mod listener;
#[path = "support/observe.rs"]
mod observe;
#[path = "support/own_process.rs"]
mod own_process;

use stayput::{Secret, SecretBytes, SecretString};
use zeroize::{Zeroize, ZeroizeOnDrop};

fn text(text: &str) -> SecretString {
    SecretString::take_from(&mut text.to_owned()).expect("within limits")
}

fn bytes(bytes: &[u8]) -> SecretBytes {
    SecretBytes::take_from(&mut bytes.to_owned()).expect("within limits")
}

fn key(fill: u8) -> Secret<[u8; 32]> {
    Secret::try_init_with(|place: &mut [u8; 32]| place.fill(fill)).expect("within limits")
}

#[test]
fn zeroize_wipes_what_is_there() {
    fn wiped_when_dropped<T: ZeroizeOnDrop>(_: &T) {}
    let (mut key, mut bytes, mut text) = (key(7), bytes(b"abc"), text("abc"));
    wiped_when_dropped(&key);
    wiped_when_dropped(&bytes);
    wiped_when_dropped(&text);
    let place: *const u8 = bytes.expose().as_ptr();
    key.zeroize();
    bytes.zeroize();
    text.zeroize();
    assert_eq!(*key.expose(), [0; 32]);
    assert!(bytes.is_empty() && text.is_empty());
    // SAFETY: the memory is `bytes`' own, which is longer than what it counts.
    assert_eq!(unsafe { std::slice::from_raw_parts(place, 3) }, [0; 3]);
}

#[cfg(feature = "secrecy")]
#[test]
fn secrecys_traits_expose() {
    use secrecy::{ExposeSecret, ExposeSecretMut};
    fn len(secret: &impl ExposeSecret<str>) -> usize {
        secret.expose_secret().len()
    }
    assert_eq!(len(&text("four")), 4);
    let (mut key, mut bytes) = (key(7), bytes(b"abc"));
    key.expose_secret_mut()[0] = 8;
    bytes.expose_secret_mut()[0] = b'A';
    assert_eq!(key.expose_secret()[..2], [8, 7]);
    assert_eq!(bytes.expose_secret(), b"Abc");
}

#[cfg(feature = "subtle")]
#[test]
fn equality_is_that_of_the_content() {
    use subtle::ConstantTimeEq;
    assert!(key(1) == key(1) && key(1) != key(2));
    assert!(bytes(b"abc") == bytes(b"abc") && bytes(b"abc") != bytes(b"abd"));
    assert!(bytes(b"abc") != bytes(b"ab") && bytes(b"") == bytes(b""));
    assert!(text("abc") == text("abc") && text("abc") != text("xbc"));
    let (longer, shorter) = (bytes(b"abcdef"), bytes(b"abc"));
    assert!(!bool::from(longer.ct_eq(&shorter)));
    // Room behind the content is no part of it.
    let mut shortened = bytes(b"abcdef");
    shortened.truncate(3);
    assert!(shortened == shorter);
}

#[cfg(feature = "rand_core")]
mod rand_core {
    use super::*;
    use ::rand_core::{TryCryptoRng, TryRng};
    use stayput::secret::FillError;

    /// Counts, or fails.
    struct Counter(Option<u8>);

    impl TryRng for Counter {
        type Error = std::fmt::Error;

        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            self.try_next_u64().map(|_| 0)
        }

        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            self.0.map(u64::from).ok_or(std::fmt::Error)
        }

        fn try_fill_bytes(&mut self, place: &mut [u8]) -> Result<(), Self::Error> {
            for byte in place {
                *byte = self.0.ok_or(std::fmt::Error)?;
                self.0 = self.0.map(|next| next.wrapping_add(1));
            }
            Ok(())
        }
    }

    impl TryCryptoRng for Counter {}

    #[test]
    fn generators_fill_in_place() {
        let mut rng = Counter(Some(1));
        let word = Secret::<[u16; 2]>::try_random(&mut rng).expect("numbers");
        assert_eq!(word.expose_bytes(), [1, 2, 3, 4]);
        let more = SecretBytes::try_random(3, &mut rng).expect("numbers");
        assert_eq!(more.expose(), [5, 6, 7]);
        let failed = Secret::<u64>::try_random(&mut Counter(None));
        assert!(matches!(failed, Err(FillError::Source(std::fmt::Error))));
    }
}

#[cfg(feature = "serde")]
mod serde {
    use super::observe::has;
    use super::*;
    use ::serde::Deserialize;
    use ::serde::de::IntoDeserializer;
    use ::serde::de::value::{BytesDeserializer, Error, StringDeserializer};
    use stayput::inspect::Flag;
    use stayput::secret::serialize_exposed;

    #[test]
    fn json_arrives_in_locked_memory() {
        let name: SecretString = serde_json::from_str(r#""with \"escapes\" ä""#).expect("text");
        assert_eq!(name.expose(), "with \"escapes\" ä");
        assert!(has(name.expose().as_ptr(), Flag::Locked));
        let list: SecretBytes = serde_json::from_str("[1, 2, 255]").expect("bytes");
        assert_eq!(list.expose(), [1, 2, 255]);
        let plain: SecretBytes = serde_json::from_str(r#""abc""#).expect("text");
        assert_eq!(plain.expose(), b"abc");
        let key: Secret<[u8; 4]> = serde_json::from_str("[1, 2, 3, 4]").expect("four bytes");
        assert_eq!(*key.expose(), [1, 2, 3, 4]);
    }

    #[test]
    fn what_is_handed_over_whole_arrives_too() {
        let owned: StringDeserializer<Error> = "owned".to_owned().into_deserializer();
        let owned = SecretString::deserialize(owned).expect("text");
        assert_eq!(owned.expose(), "owned");
        let four: BytesDeserializer<'_, Error> = b"four"[..].into_deserializer();
        let four = Secret::<[u8; 4]>::deserialize(four).expect("four bytes");
        assert_eq!(four.expose(), b"four");
    }

    /// The error for JSON that is no such secret.
    fn refused<T: for<'de> Deserialize<'de>>(json: &str) -> String {
        match serde_json::from_str::<T>(json) {
            Ok(_) => panic!("taken"),
            Err(error) => format!("{error} {error:?}"),
        }
    }

    #[test]
    fn errors_show_no_content() {
        type Key = Secret<[u8; 4]>;
        for error in [
            refused::<SecretString>("481516"),
            refused::<SecretString>("-481516"),
            refused::<SecretString>("48151.6"),
            refused::<SecretBytes>("481516"),
            refused::<SecretBytes>("[1, 481516]"),
            refused::<SecretBytes>(r#"["481516"]"#),
            refused::<Key>(r#""481516""#),
            refused::<Key>("481516"),
            refused::<Key>("[1, 2, 3, -481516]"),
        ] {
            assert!(
                !error.contains("4815") && error.contains("expected"),
                "{error}"
            );
        }
        for list in ["[1, 2, 3]", "[1, 2, 3, 4, 5]"] {
            let error = refused::<Key>(list);
            assert!(
                error.contains("invalid length") && error.contains("4 bytes"),
                "{error}"
            );
        }
    }

    #[test]
    fn writing_takes_a_word_for_it() {
        let mut json = Vec::new();
        serialize_exposed(&text("ä"), &mut serde_json::Serializer::new(&mut json)).expect("json");
        let mut to_json = serde_json::Serializer::new(&mut json);
        serialize_exposed(&bytes(&[1, 2]), &mut to_json).expect("json");
        let word = Secret::try_init_with(|place: &mut [u8; 2]| place.fill(3));
        serialize_exposed(&word.expect("within limits"), &mut to_json).expect("json");
        assert_eq!(String::from_utf8(json).expect("UTF-8"), "\"ä\"[1,2][3,3]");
    }
}

#[cfg(feature = "tracing")]
mod tracing {
    use super::listener::Listener;
    use super::own_process::{Setup, is_root, own_process};
    use ::tracing::field::{Field, Visit};
    use ::tracing::{Event, Level};
    use std::fmt::{Debug, Write};
    use std::sync::{Arc, Mutex};

    /// What warnings say.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<String>>);

    impl Visit for Log {
        fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
            write!(self.0.lock().expect("whole"), "{field}={value:?} ").expect("a string");
        }
    }

    impl Log {
        fn during(body: impl FnOnce()) -> String {
            let log = Self::default();
            let writer = log.clone();
            let warnings = Listener(move |event: &Event<'_>| {
                if *event.metadata().level() <= Level::WARN {
                    event.record(&mut writer.clone());
                }
            });
            ::tracing::subscriber::with_default(warnings, body);
            std::mem::take(&mut log.0.lock().expect("whole"))
        }
    }

    #[test]
    fn what_is_not_locked_is_told_without_content_or_address() {
        use stayput::{Guarded, Policy};
        let name = "tracing::what_is_not_locked_is_told_without_content_or_address";
        if !is_root(name) {
            return;
        }
        own_process(name, Setup::new().memlock(0).without_ipc_lock(), || {
            let log = Log::during(|| {
                let number = Guarded::try_init_with_policy(Policy::Prefer, |place| *place = SECRET);
                drop(number.expect("memory is there"));
            });
            assert!(
                log.contains("unlocked") && log.contains("NoCapability"),
                "{log}"
            );
            assert!(
                !log.contains(&SECRET.to_string()) && !log.contains("0x"),
                "{log}"
            );
        });
    }

    #[test]
    fn a_directory_that_secrets_are_written_to_is_named_once() {
        use stayput::{Guarded, Policy};
        let name = "tracing::a_directory_that_secrets_are_written_to_is_named_once";
        if !is_root(name) {
            return;
        }
        own_process(name, Setup::new().memlock(0).without_ipc_lock(), || {
            let dir = std::env::current_dir().expect("a directory");
            let log = Log::during(|| {
                for _ in 0..3 {
                    let policy = Policy::FileBacked { dir: dir.clone() };
                    let number = Guarded::try_init_with_policy(policy, |place| *place = SECRET);
                    drop(number.expect("a disk is there"));
                }
            });
            let named = log.matches("written to disk").count();
            assert_eq!(named, 1, "{log}");
            assert!(log.contains(dir.to_str().expect("UTF-8")), "{log}");
            assert!(!log.contains(&SECRET.to_string()), "{log}");
        });
    }

    #[test]
    fn who_hears_of_a_raised_limit_may_ask_for_it() {
        let name = "tracing::who_hears_of_a_raised_limit_may_ask_for_it";
        if !is_root(name) {
            return;
        }
        let limits = Setup::new().memlock_soft_hard(4096, 1 << 20);
        own_process(name, limits.without_ipc_lock(), || {
            let answer = Arc::new(Mutex::new(None));
            let asker = Arc::clone(&answer);
            let asks = Listener(move |event: &Event<'_>| {
                if *event.metadata().level() == Level::WARN {
                    *asker.lock().expect("whole") = stayput::limits::raised();
                }
            });
            let pages = ::tracing::subscriber::with_default(asks, || {
                stayput::page::LockedPages::new(100_000)
            });
            assert!(
                pages
                    .expect("the limit is raised")
                    .protection()
                    .locked
                    .is_yes()
            );
            let answer = answer.lock().expect("whole").expect("it was raised");
            assert_eq!((answer.from, answer.to), (4096, 1 << 20));
        });
    }

    const SECRET: u64 = 620_106_348_151_623;
}
