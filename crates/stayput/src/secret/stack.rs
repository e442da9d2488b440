//! What computations leave on the stack.

use std::hint::black_box;
use zeroize::Zeroize;

/// Runs `work`, then wipes the `depth` bytes of stack below, on panics too.
///
/// Ciphers, hashes and signatures spill keys and plain text to the stack, above all
/// where the compiler optimises little; the stack is neither locked nor left out of
/// dumps, and what lies there stays until something else is written over it. Choose
/// a depth that the work does not exceed: 32 KiB for a cipher, more for public-key
/// arithmetic. The thread must have that much stack left. Each KiB costs about 120 ns.
///
/// What `work` returns is the caller's, and registers are left to the next call to
/// overwrite.
///
/// ```
/// # fn main() -> Result<(), stayput::LockError> {
/// use stayput::{Secret, secret::with_wiped_stack};
/// let key = Secret::<[u8; 32]>::try_init_with(|place| place.fill(7))?;
/// let sum = with_wiped_stack(4096, || {
///     let copy = *key.expose(); // on the stack
///     copy.iter().map(|&byte| u32::from(byte)).sum::<u32>()
/// });
/// assert_eq!(sum, 7 * 32);
/// # Ok(()) }
/// ```
pub fn with_wiped_stack<R>(depth: usize, work: impl FnOnce() -> R) -> R {
    let _wiped_after = WipeBelow(depth);
    call(work)
}

struct WipeBelow(usize);

impl Drop for WipeBelow {
    fn drop(&mut self) {
        wipe_below(self.0);
        wipe_between(self.0);
    }
}

/// A frame of its own, in the place where [`wipe_below`] has its first.
#[inline(never)]
fn call<R>(work: impl FnOnce() -> R) -> R {
    work()
}

/// What lies between the frames of [`wipe_below`], where a copy of a word may be: the same
/// frames again, half of one further down.
#[inline(never)]
fn wipe_between(depth: usize) {
    let mut half = [0u64; WORDS / 2];
    half.zeroize();
    wipe_below(depth);
    black_box(&half);
}

const WORDS: usize = 128;

/// A frame for each KiB: their number is known when it runs only.
#[inline(never)]
fn wipe_below(depth: usize) {
    let mut frame = [0u64; WORDS];
    frame.zeroize();
    if depth > size_of_val(&frame) {
        wipe_below(depth - size_of_val(&frame));
    }
    black_box(&frame); // after the call, which so can't become a jump
}
