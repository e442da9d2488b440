//! Overwriting that the compiler may not leave out.

use crate::backends::imp;

/// Fills `len` bytes at `ptr` with zeros, whatever the optimiser knows about
/// their later use.
///
/// # Safety
/// `ptr .. ptr + len` must be writable and owned by the caller; no reference to
/// it may be live during the call.
#[inline]
pub unsafe fn wipe(ptr: *mut u8, len: usize) {
    // SAFETY: the caller owns the range and it is writable.
    unsafe { ptr.write_bytes(0, len) };
    imp::keep_writes(ptr);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_zero_and_no_other_is_touched() {
        for len in [0, 1, 31, 32, 4096, 70_000] {
            let mut buffer = vec![0xa5u8; len + 2];
            // SAFETY: the range lies inside `buffer`, which is owned here.
            unsafe { wipe(buffer.as_mut_ptr().add(1), len) };
            assert!(
                buffer[1..=len].iter().all(|&byte| byte == 0),
                "length {len}"
            );
            assert_eq!((buffer[0], buffer[len + 1]), (0xa5, 0xa5), "length {len}");
        }
    }
}
