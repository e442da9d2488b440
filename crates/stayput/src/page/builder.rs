//! Allocators with a page size of one's own.

use super::{PosixLockedPageAllocator, Win32LockedPageAllocator};
use std::error::Error;
use std::fmt;

/// A page size that no allocator can work with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidPageSize {
    refused: usize,
}

impl fmt::Display for InvalidPageSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let system = stayput_sys::page_size();
        write!(
            f,
            "page size {}: expected a power of two of at least {system} bytes, the system's page; \
             leave page_size out to use that",
            self.refused
        )
    }
}

impl Error for InvalidPageSize {}

/// The size to use: the system's, unless one is asked for.
fn checked(page_size: Option<usize>) -> Result<usize, InvalidPageSize> {
    let system = stayput_sys::page_size();
    let size = page_size.unwrap_or(system);
    if size.is_power_of_two() && size >= system {
        Ok(size)
    } else {
        Err(InvalidPageSize { refused: size })
    }
}

macro_rules! builder {
    ($builder:ident, $allocator:ident) => {
        #[doc = concat!("Settings for a [`", stringify!($allocator), "`].")]
        #[derive(Clone, Debug, Default)]
        #[must_use = "a builder does nothing until `build`"]
        pub struct $builder {
            page_size: Option<usize>,
        }

        impl $builder {
            /// The unit that sizes round up to, in bytes.
            pub fn page_size(mut self, bytes: usize) -> Self {
                self.page_size = Some(bytes);
                self
            }

            /// The allocator.
            ///
            /// # Errors
            /// [`InvalidPageSize`] for zero, for what is not a power of two, and
            /// for less than the system's page.
            pub fn build(self) -> Result<$allocator, InvalidPageSize> {
                checked(self.page_size).map($allocator::with_page_size)
            }
        }
    };
}

builder!(PosixLockedPageAllocatorBuilder, PosixLockedPageAllocator);
builder!(Win32LockedPageAllocatorBuilder, Win32LockedPageAllocator);
