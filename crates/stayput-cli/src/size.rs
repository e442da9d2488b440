//! Sizes and times, as people write and read them.

use bytesize::ByteSize;
use std::time::Duration;

/// `1.5 MiB`.
pub(crate) fn human(bytes: u64) -> String {
    ByteSize::b(bytes).display().iec().to_string()
}

/// Reads `65536`, `64KiB`, `1.5GiB`, `64kB` (thousands).
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    match text.parse::<ByteSize>() {
        // What is more than there are numbers comes out as the last of them.
        Ok(ByteSize(u64::MAX)) if text.parse() != Ok(u64::MAX) => {
            Err("expected less than 16 EiB".to_owned())
        }
        Ok(size) => Ok(size.as_u64()),
        Err(_) => Err("expected a size such as 65536, 64KiB, 8MiB or 1.5GiB".to_owned()),
    }
}

/// As [`parse`], but more than none.
pub(crate) fn parse_some(text: &str) -> Result<u64, String> {
    match parse(text) {
        Ok(0) => Err("expected more than nothing".to_owned()),
        other => other,
    }
}

/// Reads seconds, `least` of them at least and a day at most; fractions are allowed.
pub(crate) fn seconds(text: &str, least: f64) -> Result<Duration, String> {
    const DAY: f64 = 86_400.0;
    let seconds = text.parse().ok();
    let seconds = seconds.filter(|seconds| (least..=DAY).contains(seconds));
    seconds
        .map(Duration::from_secs_f64)
        .ok_or_else(|| format!("expected seconds between {least} and {DAY}"))
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
        for wrong in ["16EiB", "99999 EiB"] {
            assert_eq!(parse(wrong), Err("expected less than 16 EiB".to_owned()));
        }
        assert_eq!(parse("15 EiB"), Ok(15 << 60));
        assert_eq!(parse("18446744073709551615"), Ok(u64::MAX));
        assert!(parse_some("0B").is_err());
        assert_eq!(parse_some("1"), Ok(1));
        assert_eq!(human(65536), "64.0 KiB");
        assert_eq!(human(0), "0 B");
    }

    #[test]
    fn seconds_are_read_within_bounds() {
        assert_eq!(seconds("1.5", 0.1), Ok(Duration::from_millis(1500)));
        assert_eq!(seconds("0", 0.0), Ok(Duration::ZERO));
        for wrong in ["", "0.05", "nan", "inf", "86401", "-1", "1s"] {
            let why = "expected seconds between 0.1 and 86400";
            assert_eq!(seconds(wrong, 0.1), Err(why.to_owned()), "{wrong}");
        }
    }
}
