//! Amounts of memory as people write them.

use bytesize::ByteSize;

/// Reads `64MiB`, `1GiB`, `65536` (bytes) as bytes, more than none.
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(ByteSize(0)) => Err("expected more than nothing".to_owned()),
        Ok(ByteSize(bytes)) => Ok(bytes),
        Err(_) => Err("expected a size such as 64MiB, 1GiB or 65536 (bytes)".to_owned()),
    }
}
