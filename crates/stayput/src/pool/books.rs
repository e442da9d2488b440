//! An arena's bookkeeping: tables of zeros in ordinary memory, all in one mapping.

use crate::limits::count_drop_error;
use crate::trace::event;
use stayput_sys::{PageRange, map};
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::{self, NonNull};
use std::sync::atomic::AtomicU8;
use std::{fmt, io, slice};

/// # Safety
/// All-zero bytes are a valid value, its alignment is at most [`LINE`], and dropping it
/// does nothing.
pub(super) unsafe trait Zeroed {}

// SAFETY: as a plain integer.
unsafe impl Zeroed for AtomicU8 {}
// SAFETY: a plain integer.
unsafe impl Zeroed for u64 {}

/// Tables start at multiples of this many bytes: a cache line.
const LINE: usize = 64;

/// The bytes that a table of `len` takes.
pub(super) const fn bytes<T: Zeroed>(len: usize) -> usize {
    (len * size_of::<T>()).next_multiple_of(LINE)
}

/// Memory for tables, which are cut off from the front; given back when dropped.
#[derive(Debug)]
pub(super) struct Books {
    memory: PageRange,
    used: usize,
}

impl Books {
    /// Room for tables of so many bytes in all.
    pub(super) fn new(bytes: usize) -> io::Result<Self> {
        let memory = map::reserve(bytes)?;
        let _ = memory.as_ptr().expose_provenance();
        let books = Self { memory, used: 0 };
        // SAFETY: reserved just above, for these books alone.
        unsafe { map::commit(memory) }?;
        Ok(books)
    }

    /// A table of `len` zeros; `None` where there is no room left.
    ///
    /// # Safety
    /// The table is not used when the books are gone.
    pub(super) unsafe fn table<T: Zeroed>(&mut self, len: usize) -> Option<Table<T>> {
        let start = ptr::with_exposed_provenance_mut(self.memory.start() + self.used);
        let start = NonNull::new(start)?;
        let used = self.used + bytes::<T>(len);
        (used <= self.memory.len()).then(|| {
            self.used = used;
            Table {
                start,
                len,
                owns: PhantomData,
            }
        })
    }
}

impl Drop for Books {
    fn drop(&mut self) {
        // SAFETY: reserved by `new`; whoever has tables does not use them any more.
        if let Err(error) = unsafe { map::release(self.memory) } {
            count_drop_error();
            event!(error, error = error, "a pool's books were not released");
        }
    }
}

/// Part of an arena's books.
pub(super) struct Table<T> {
    start: NonNull<T>,
    len: usize,
    owns: PhantomData<T>,
}

impl<T> Deref for Table<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        // SAFETY: cut off by `Books::table` for `self` alone: mapped, aligned, zeros at
        // first, which `Zeroed` makes valid.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl<T> DerefMut for Table<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as above, and `&mut self` is the only access.
        unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

// SAFETY: it owns its values, as a vector does.
unsafe impl<T: Send> Send for Table<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Table<T> {}

impl<T> fmt::Debug for Table<T> {
    /// A table has millions of entries: how many is all that is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("len", &self.len).finish()
    }
}
