//! What this process has handed out, by address.
//!
//! Readable and writable without a lock: a fork child may find any lock held for
//! ever, by a thread that does not exist there.

use crate::misuse::end_process;
use std::alloc::{Layout, alloc_zeroed, handle_alloc_error};
use std::ptr::{NonNull, null_mut};
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

/// Entries that an address may lie in, in each table.
const BUCKET: usize = 8;
/// Buckets of the first table; each further one has twice as many.
const FIRST: usize = 64;
/// Room for 500 million values, more than a process has mappings or memory for.
const TABLES: usize = 20;

/// Addresses that are not a value's.
const FREE: usize = 0;
const BUSY: usize = 1;

/// Owned values, found by an address.
pub(crate) struct Live<T> {
    tables: [AtomicPtr<Bucket<T>>; TABLES],
}

type Bucket<T> = [Entry<T>; BUCKET];

/// All zero: free. The address is written last and changed first.
struct Entry<T> {
    address: AtomicUsize,
    value: AtomicPtr<T>,
}

impl<T> Live<T> {
    pub(crate) const fn new() -> Self {
        Self {
            tables: [const { AtomicPtr::new(null_mut()) }; TABLES],
        }
    }

    /// Owns `value` from now on, under `address`: that of something that lives, so
    /// not a small number.
    pub(crate) fn insert(&self, address: usize, value: Box<T>) {
        self.publish(address, Box::into_raw(value));
    }

    /// Owns `value` from now on, under its own address.
    pub(crate) fn insert_self(&self, value: Box<T>) -> *mut T {
        let value = Box::into_raw(value);
        self.publish(value.addr(), value);
        value
    }

    fn publish(&self, address: usize, value: *mut T) {
        for number in 0..TABLES {
            for entry in self
                .bucket(number, address, Missing::Make)
                .into_iter()
                .flatten()
            {
                let taken = entry.address.compare_exchange(
                    FREE,
                    BUSY,
                    Ordering::Acquire,
                    Ordering::Relaxed,
                );
                if taken.is_ok() {
                    entry.value.store(value, Ordering::Relaxed);
                    entry.address.store(address, Ordering::Release);
                    return;
                }
            }
        }
        end_process("more values are live than can be kept track of");
    }

    /// The value under `address`, if it is live.
    pub(crate) fn find(&self, address: usize) -> Option<NonNull<T>> {
        let entry = self.entry(address, |entry| {
            entry.address.load(Ordering::Acquire) == address
        })?;
        NonNull::new(entry.value.load(Ordering::Relaxed))
    }

    /// Gives the value under `address` up; to one caller only.
    pub(crate) fn remove(&self, address: usize) -> Option<Box<T>> {
        let take = |entry: &Entry<T>| {
            let taken =
                entry
                    .address
                    .compare_exchange(address, BUSY, Ordering::Acquire, Ordering::Relaxed);
            taken.is_ok()
        };
        let entry = self.entry(address, take)?;
        let value = entry.value.swap(null_mut(), Ordering::Relaxed);
        entry.address.store(FREE, Ordering::Release);
        // SAFETY: `insert` made it from a box; whoever changed the address alone has it.
        Some(unsafe { Box::from_raw(value) })
    }

    fn entry(&self, address: usize, found: impl Fn(&Entry<T>) -> bool) -> Option<&Entry<T>> {
        if address <= BUSY {
            return None;
        }
        (0..TABLES)
            .map_while(|number| self.bucket(number, address, Missing::Leave))
            .flatten()
            .find(|entry| found(entry))
    }

    /// The bucket for `address` in a table; `None` if there is no such table.
    fn bucket(&self, number: usize, address: usize, missing: Missing) -> Option<&Bucket<T>> {
        let buckets = FIRST << number;
        let mut table = self.tables[number].load(Ordering::Acquire);
        if table.is_null() {
            match missing {
                Missing::Leave => return None,
                Missing::Make => table = self.make(number, buckets),
            }
        }
        // SAFETY: the table has that many buckets, zeroed entries are valid, and
        // tables are never freed.
        Some(unsafe { &*table.add(spread(address) % buckets) })
    }

    /// A table, or the one that another thread made meanwhile.
    fn make(&self, number: usize, buckets: usize) -> *mut Bucket<T> {
        let layout = Layout::array::<Bucket<T>>(buckets).expect("tables fit into memory");
        // SAFETY: the layout has a size.
        let made = unsafe { alloc_zeroed(layout) }.cast::<Bucket<T>>();
        if made.is_null() {
            handle_alloc_error(layout);
        }
        let settled = self.tables[number].compare_exchange(
            null_mut(),
            made,
            Ordering::AcqRel,
            Ordering::Acquire,
        );
        match settled {
            Ok(_) => made,
            Err(earlier) => {
                // SAFETY: allocated just above with this layout, and seen by nobody.
                unsafe { std::alloc::dealloc(made.cast(), layout) };
                earlier
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Missing {
    Make,
    Leave,
}

/// Neighbouring addresses differ in their middle bits.
fn spread(address: usize) -> usize {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15; // 2^64 divided by the golden ratio
    ((address as u64).wrapping_mul(ODD) >> 33) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_is_found_and_given_up_once() {
        let live = Live::new();
        let address = |number: usize| 0x7000_0000 + number * 4096;
        for number in 0..20_000 {
            live.insert(address(number), Box::new(number));
        }
        for number in 0..20_000 {
            let found = live.find(address(number)).expect("live");
            // SAFETY: not removed yet.
            assert_eq!(unsafe { *found.as_ref() }, number);
        }
        for number in (0..20_000).rev() {
            assert_eq!(live.remove(address(number)).as_deref(), Some(&number));
            assert!(live.find(address(number)).is_none());
            assert!(live.remove(address(number)).is_none());
        }
    }

    #[test]
    fn no_value_is_where_nothing_was_put() {
        let live: Live<u8> = Live::new();
        for address in [0, 1, 16, usize::MAX] {
            assert!(live.find(address).is_none() && live.remove(address).is_none());
        }
    }

    #[test]
    fn threads_share_a_table() {
        static LIVE: Live<usize> = Live::new();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                scope.spawn(move || {
                    for number in 0..5_000 {
                        let address = 0x1000 + (number * 4 + thread) * 16;
                        LIVE.insert(address, Box::new(address));
                        assert_eq!(LIVE.remove(address).as_deref(), Some(&address));
                    }
                });
            }
        });
    }
}
