//! `/proc/self/oom_score_adj`, without allocating: a fork child sets it too.

use std::fs;
use std::io::{self, Write};

const OOM_SCORE: &str = "/proc/self/oom_score_adj";

pub(super) fn oom_score() -> Option<i16> {
    fs::read_to_string(OOM_SCORE).ok()?.trim().parse().ok()
}

pub(super) fn set_oom_score(score: i16) -> io::Result<()> {
    // At most six bytes, in one write: the kernel takes the number as a whole.
    let mut digits = [0u8; 8];
    let mut rest = &mut digits[..];
    write!(rest, "{score}")?;
    let unused = rest.len();
    let length = digits.len() - unused;
    fs::File::options()
        .write(true)
        .open(OOM_SCORE)?
        .write_all(&digits[..length])
}
