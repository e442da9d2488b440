//! Types for which all-zero bytes, or any bytes, are a value.

use std::mem::MaybeUninit;
use std::num::Wrapping;

/// Types that can live in memory that begins as zeros, a pool's or whole pages.
///
/// # Safety
/// - All-zero bytes are a valid value, at any moment of its life: a fork child
///   finds zeros where the parent left a value.
/// - The type owns no memory on the heap, directly or indirectly: what it
///   points to would be neither locked nor wiped.
///
/// ```
/// #[repr(C)]
/// struct Keys { encrypt: [u8; 32], sign: [u8; 32] }
/// // SAFETY: arrays of bytes, for which zeros are valid; nothing on the heap.
/// unsafe impl stayput::ZeroInit for Keys {}
/// ```
pub unsafe trait ZeroInit {}

macro_rules! zero_init {
    ($($type:ty)*) => {
        // SAFETY: a plain number; zero is one.
        $(unsafe impl ZeroInit for $type {})*
    };
}

zero_init!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 bool);

// SAFETY: an array of zeros, each valid.
unsafe impl<T: ZeroInit, const N: usize> ZeroInit for [T; N] {}
// SAFETY: as the number inside.
unsafe impl<T: ZeroInit> ZeroInit for Wrapping<T> {}
// SAFETY: any bytes are valid; what is written there is the writer's promise.
unsafe impl<T: ZeroInit> ZeroInit for MaybeUninit<T> {}

/// Types that are the bytes they consist of.
///
/// # Safety
/// - There is no padding, so that every byte of a value is initialised.
/// - All bytes of any value are a valid value: a `bool` is none of these.
///
/// ```
/// # #[repr(C)]
/// # struct Keys { encrypt: [u8; 32], sign: [u8; 32] }
/// # // SAFETY: arrays of bytes, for which zeros are valid; nothing on the heap.
/// # unsafe impl stayput::ZeroInit for Keys {}
/// // SAFETY: arrays of bytes one after the other (`repr(C)`), without padding.
/// unsafe impl stayput::Plain for Keys {}
/// ```
pub unsafe trait Plain: ZeroInit {}

macro_rules! plain {
    ($($type:ty)*) => {
        // SAFETY: a number: any bytes are one.
        $(unsafe impl Plain for $type {})*
    };
}

plain!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64);

// SAFETY: an array has no padding between its elements.
unsafe impl<T: Plain, const N: usize> Plain for [T; N] {}
// SAFETY: `repr(transparent)`: the number inside.
unsafe impl<T: Plain> Plain for Wrapping<T> {}
