//! Sizes, as people write and read them.

use bytesize::ByteSize;

/// `1.5 MiB`.
pub(crate) fn human(bytes: u64) -> String {
    ByteSize::b(bytes).display().iec().to_string()
}

/// Reads `65536`, `64KiB`, `1.5GiB`, `64kB` (thousands).
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    let size = text.parse::<ByteSize>();
    size.map(|size| size.as_u64())
        .map_err(|_| "expected a size such as 65536, 64KiB, 8MiB or 1.5GiB".to_owned())
}

/// As [`parse`], but more than none.
pub(crate) fn parse_some(text: &str) -> Result<u64, String> {
    match parse(text) {
        Ok(0) => Err("expected more than nothing".to_owned()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_written() {
        assert_eq!(parse("65536"), Ok(65536));
        assert_eq!(parse("64KiB"), Ok(65536));
        assert_eq!(parse("1.5 MiB"), Ok(3 << 19));
        for wrong in ["", "64 pages", "-1", "lots"] {
            assert!(
                parse(wrong).is_err_and(|why| why.contains("64KiB")),
                "{wrong}"
            );
        }
        assert!(parse_some("0B").is_err());
        assert_eq!(parse_some("1"), Ok(1));
        assert_eq!(human(65536), "64.0 KiB");
        assert_eq!(human(0), "0 B");
    }
}
