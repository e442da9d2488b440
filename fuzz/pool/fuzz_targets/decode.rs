//! Any bytes as UTF-8, hexadecimal and Base64: ours decodes what std and the crates `hex` and
//! `base64` do, to the same bytes, and a refusal points into the text.

#![no_main]

use base64::Engine;
use base64::engine::general_purpose as reference;
use libfuzzer_sys::fuzz_target;
use stayput::secret::{Base64, DecodeError};
use stayput::{Secret, SecretBytes, SecretString};

fuzz_target!(|text: &[u8]| {
    utf8(text);
    let theirs = hex::decode(text).ok();
    agree(text, SecretBytes::try_from_hex(text), &theirs);
    fixed(Secret::try_from_hex(text), &theirs);
    let dialects = [
        (Base64::Standard, reference::STANDARD),
        (Base64::StandardUnpadded, reference::STANDARD_NO_PAD),
        (Base64::Url, reference::URL_SAFE),
        (Base64::UrlUnpadded, reference::URL_SAFE_NO_PAD),
    ];
    for (dialect, reference) in dialects {
        let theirs = reference.decode(text).ok();
        agree(text, SecretBytes::try_from_base64(text, dialect), &theirs);
        fixed(Secret::try_from_base64(text, dialect), &theirs);
    }
});

fn utf8(text: &[u8]) {
    let bytes = SecretBytes::take_from(&mut text.to_vec()).expect("within limits");
    match (SecretString::from_utf8(bytes), std::str::from_utf8(text)) {
        (Ok(secret), Ok(plain)) => assert!(secret.expose() == plain),
        (Err(refused), Err(_)) => assert!(refused.into_bytes().expose() == text),
        (ours, theirs) => panic!("{ours:?} but {theirs:?}"),
    }
}

fn agree(text: &[u8], ours: Result<SecretBytes, DecodeError>, theirs: &Option<Vec<u8>>) {
    match (ours, theirs) {
        (Ok(ours), Some(theirs)) => assert!(ours.expose() == theirs),
        (Err(DecodeError::Malformed { position, .. }), None) => assert!(position <= text.len()),
        (ours, theirs) => panic!("{ours:?} but {theirs:?}"),
    }
}

/// As a value of 8 bytes.
fn fixed(ours: Result<Secret<[u8; 8]>, DecodeError>, theirs: &Option<Vec<u8>>) {
    match (ours, theirs) {
        (Ok(ours), Some(theirs)) => assert!(ours.expose()[..] == theirs[..]),
        (Err(DecodeError::Length { expected: 8, found }), Some(theirs)) => {
            assert!(found == theirs.len() && found != 8);
        }
        (Err(DecodeError::Malformed { .. }), None) => {}
        (ours, theirs) => panic!("{ours:?} but {theirs:?}"),
    }
}
