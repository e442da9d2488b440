//! Wiping alone, by size.

use super::Outcome;
use crate::clock;
use crate::peer::Refusal;
#[cfg(feature = "botan")]
use crate::peers::botan;
#[cfg(feature = "openssl")]
use crate::peers::openssl;
#[cfg(feature = "libsodium")]
use crate::peers::sodium;
use crate::sample::Sample;
use std::hint::black_box;
use zeroize::Zeroize as _;

/// Who wipes, by name; the yardstick first.
pub(crate) const WIPERS: &[&str] = &[
    "explicit_bzero",
    "stayput",
    "zeroize (slice)",
    "memsec",
    #[cfg(feature = "libsodium")]
    "libsodium",
    #[cfg(feature = "openssl")]
    "OpenSSL",
    #[cfg(feature = "botan")]
    "Botan",
];

/// A closure that hands a slice to an unsafe function of pointer and length.
macro_rules! by_pointer {
    ($function:path) => {
        |bytes: &mut [u8]| {
            let (start, len) = (bytes.as_mut_ptr().cast(), bytes.len());
            // SAFETY: the slice is borrowed exclusively, and these only write it.
            unsafe { $function(start, len) }
        }
    };
}

/// Time for `len` bytes; `None` for a name that is not known.
pub(crate) fn wipe(wiper: &str, len: usize) -> Option<Outcome> {
    // One closure type for each, so that what can be inlined is.
    Some(match wiper {
        "explicit_bzero" => time(len, by_pointer!(libc::explicit_bzero)),
        "stayput" => time(len, by_pointer!(stayput_sys::wipe::wipe)),
        "zeroize (slice)" => time(len, |bytes| bytes.zeroize()),
        "memsec" => time(len, by_pointer!(memsec::memzero)),
        #[cfg(feature = "libsodium")]
        "libsodium" => time(len, by_pointer!(sodium::sodium_memzero)),
        #[cfg(feature = "openssl")]
        "OpenSSL" => time(len, by_pointer!(openssl::OPENSSL_cleanse)),
        #[cfg(feature = "botan")]
        "Botan" => time(len, by_pointer!(botan::botan_shim_wipe)),
        _ => return None,
    })
}

fn time(len: usize, wipe: impl Fn(&mut [u8])) -> Outcome {
    // The same alignment for everybody, as the start of a page has.
    let mut buffer = vec![0xa7; len + PAGE];
    let start = buffer.as_ptr().align_offset(PAGE);
    let bytes = &mut buffer[start..start + len];
    wipe(black_box(&mut *bytes));
    if bytes.iter().any(|&byte| byte != 0) {
        return Err(Refusal::new("left bytes that are not zero"));
    }
    let time = clock::per_call(|_| {
        wipe(black_box(&mut *bytes));
        black_box(bytes.as_ptr());
        Ok::<_, Refusal>(())
    })?;
    Ok(Sample::of([("time", time)]))
}

const PAGE: usize = 4096;
