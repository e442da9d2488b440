//! Hexadecimal and Base64 text: what is right arrives, what is wrong is located.
#![cfg(all(feature = "base64", feature = "hex"))]

#[cfg(unix)]
#[path = "support/observe.rs"]
mod observe;
#[cfg(unix)]
#[path = "support/own_process.rs"]
mod own_process;
#[cfg(unix)]
#[path = "support/residue.rs"]
mod residue;

use proptest::prelude::*;
use stayput::secret::{Base64, DecodeError};
use stayput::{Secret, SecretBytes};
use std::fmt::Write;

const DIALECTS: [Base64; 4] = [
    Base64::Standard,
    Base64::StandardUnpadded,
    Base64::Url,
    Base64::UrlUnpadded,
];

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string");
        text
    })
}

/// An encoder written from RFC 4648, bit by bit.
fn base64(bytes: &[u8], dialect: Base64) -> String {
    let url = matches!(dialect, Base64::Url | Base64::UrlUnpadded);
    let last: &[u8] = if url { b"-_" } else { b"+/" };
    let alphabet: Vec<u8> = (b'A'..=b'Z')
        .chain(b'a'..=b'z')
        .chain(b'0'..=b'9')
        .chain(last.iter().copied())
        .collect();
    let bits: Vec<bool> = bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1))
        .collect();
    let digit = |bits: &[bool]| {
        let value = (0..6).fold(0, |value, at| {
            value * 2 + usize::from(bits.get(at) == Some(&true))
        });
        char::from(alphabet[value])
    };
    let mut text: String = bits.chunks(6).map(digit).collect();
    while matches!(dialect, Base64::Standard | Base64::Url) && text.len() % 4 != 0 {
        text.push('=');
    }
    text
}

fn position(error: &DecodeError) -> usize {
    match error {
        DecodeError::Malformed { position, .. } => *position,
        other => panic!("{other}"),
    }
}

proptest! {
    #[test]
    fn encoded_bytes_come_back(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let text = hex(&bytes);
        for text in [text.to_uppercase(), text] {
            let decoded = SecretBytes::try_from_hex(text).expect("hexadecimal");
            prop_assert_eq!(decoded.expose(), &bytes[..]);
        }
        for dialect in DIALECTS {
            let decoded = SecretBytes::try_from_base64(base64(&bytes, dialect), dialect);
            let decoded = decoded.expect("Base64");
            prop_assert_eq!(decoded.expose(), &bytes[..]);
        }
    }

    #[test]
    fn a_wrong_character_is_located(
        bytes in prop::collection::vec(any::<u8>(), 3..100),
        at in any::<prop::sample::Index>(),
        wrong in prop::sample::select(b"!~ \n\0\xff,".to_vec()),
    ) {
        let mut text = hex(&bytes).into_bytes();
        let place = at.index(text.len());
        text[place] = wrong;
        prop_assert_eq!(position(&SecretBytes::try_from_hex(text).expect_err("wrong")), place);
        for dialect in DIALECTS {
            let mut text = base64(&bytes, dialect).into_bytes();
            let digits = text.iter().position(|&byte| byte == b'=').unwrap_or(text.len());
            let place = at.index(digits);
            text[place] = wrong;
            let error = SecretBytes::try_from_base64(text, dialect).expect_err("wrong");
            prop_assert_eq!(position(&error), place);
        }
    }
}

#[test]
fn what_is_missing_is_located() {
    assert_eq!(
        position(&SecretBytes::try_from_hex("abc").expect_err("odd")),
        3
    );
    let cases = [
        ("QUI", Base64::Standard, 3), // no padding
        ("QUI==", Base64::Standard, 5),
        ("Q", Base64::StandardUnpadded, 1),
        ("QUI=", Base64::StandardUnpadded, 3), // padding where there is none
        ("QUJ=", Base64::Standard, 2),         // bits that stand for nothing
        ("-_-_", Base64::Standard, 0),
        ("ab+_", Base64::Url, 2),
        ("A===", Base64::Standard, 1),
    ];
    for (text, dialect, expected) in cases {
        let error = SecretBytes::try_from_base64(text, dialect).expect_err(text);
        assert_eq!(position(&error), expected, "{text}");
    }
}

#[test]
fn values_of_fixed_size_take_their_size_only() {
    let key = Secret::<[u8; 3]>::try_from_hex("010203").expect("three bytes");
    assert_eq!(*key.expose(), [1, 2, 3]);
    let word = Secret::<u32>::try_from_base64("/////w==", Base64::Standard).expect("four bytes");
    assert_eq!(*word.expose(), u32::MAX);
    let error = Secret::<[u8; 3]>::try_from_hex("0102").expect_err("two bytes");
    assert!(
        matches!(
            error,
            DecodeError::Length {
                expected: 3,
                found: 2
            }
        ),
        "{error}"
    );
}

#[test]
fn errors_show_no_content() {
    let error = SecretBytes::try_from_hex("5ec7e7!!").expect_err("no hexadecimal");
    let shown = format!("{error} {error:?}");
    assert!(
        shown.contains('6') && !shown.contains("5ec7") && !shown.contains('!'),
        "{shown}"
    );
}

// Not on Windows: searches /proc/self/mem.
#[cfg(unix)]
#[test]
fn no_copy_stays_outside() {
    use own_process::{Setup, own_process};
    use residue::{TEXT, found_unlocked, is_text};
    own_process("no_copy_stays_outside", Setup::new(), || {
        let text = |seed| {
            let digits = (0..TEXT).flat_map(move |at| hex(&[residue::byte(seed, at)]).into_bytes());
            digits.collect::<Vec<u8>>()
        };
        let control: Vec<u8> = (0..TEXT).map(|at| residue::byte(1, at)).collect();
        assert!(found_unlocked(1) > 0, "the control is found");
        let decoded = SecretBytes::try_from_hex(text(2)).expect("hexadecimal");
        assert!(is_text(2, decoded.expose()) && is_text(1, &control));
        assert_eq!(found_unlocked(2), 0);
    });
}
