//! Things that hold a secret, each filled with a byte of its own.

use super::random::Random;
use stayput::limits::Protection;
use stayput::page::LockedPages;
use stayput::pool::Block;
use stayput::region::{RawRegionLock, lock_raw};
use stayput::{Guarded, LockError, Policy, Pool, Secret, SecretBytes};
use stayput_sys::wipe::wipe;

const GUARDED: usize = 100;

pub(crate) struct Item {
    holder: Holder,
    mark: u8,
}

enum Holder {
    Key(Secret<[u8; 32]>),
    Bytes(SecretBytes),
    Block(Block),
    Pages(LockedPages),
    Guarded(Guarded<[u8; GUARDED]>),
    Region(Region),
}

/// A part of the ordinary heap, whose pages others lock parts of, too.
struct Region {
    /// Released before the bytes are.
    lock: Option<RawRegionLock>,
    bytes: Vec<u8>,
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: the vector's own bytes.
        unsafe { wipe(self.bytes.as_mut_ptr(), self.bytes.len()) };
        self.lock = None;
    }
}

/// Where memory is, for whom the kernel is asked.
pub(crate) struct Place {
    pub(crate) start: usize,
    pub(crate) len: usize,
}

pub(crate) const KINDS: [&str; 6] = ["key", "bytes", "block", "pages", "guarded", "region"];

impl Item {
    /// One of [`KINDS`], of random size.
    pub(crate) fn make(
        kind: &str,
        policy: &Policy,
        pool: &Pool,
        random: &mut Random,
    ) -> Result<Self, LockError> {
        let mark = u8::try_from(1 + random.below(255)).unwrap_or(1);
        let holder = match kind {
            "key" => Holder::Key(Secret::try_init_with_in(
                |it: &mut [u8; 32]| it.fill(mark),
                pool,
            )?),
            "bytes" => {
                let len = random.size(20_000);
                Holder::Bytes(SecretBytes::try_init_with_in(
                    len,
                    |it| it.fill(mark),
                    pool,
                )?)
            }
            "block" => {
                let mut block = pool.block(random.size(100_000))?;
                assert!(block.as_slice().iter().all(|&byte| byte == 0), "not zero");
                block.as_mut_slice().fill(mark);
                Holder::Block(block)
            }
            "pages" => {
                let mut pages = LockedPages::with_policy(random.size(50_000), policy.clone())?;
                pages.as_mut_slice().fill(mark);
                Holder::Pages(pages)
            }
            "guarded" => Holder::Guarded(Guarded::try_init_with_policy(
                policy.clone(),
                |it: &mut [u8; GUARDED]| it.fill(mark),
            )?),
            _ => Holder::Region(region(mark, random)?),
        };
        Ok(Self { holder, mark })
    }

    /// Grows or shrinks what can; whether the content may have moved.
    pub(crate) fn resize(&mut self, random: &mut Random) -> Result<(), LockError> {
        if let Holder::Bytes(bytes) = &mut self.holder {
            let more = vec![self.mark; random.size(5000)];
            bytes.try_extend_from_slice(&more)?;
        }
        Ok(())
    }

    /// Whether the bytes are those that were written.
    pub(crate) fn is_intact(&self) -> Result<bool, LockError> {
        let ours = |bytes: &[u8]| bytes.iter().all(|&byte| byte == self.mark);
        Ok(match &self.holder {
            Holder::Key(key) => ours(key.expose()),
            Holder::Bytes(bytes) => ours(bytes.expose()),
            Holder::Block(block) => ours(block.as_slice()),
            Holder::Pages(pages) => ours(pages.as_slice()),
            Holder::Guarded(guarded) => ours(&*guarded.expose()?),
            Holder::Region(region) => ours(&region.bytes),
        })
    }

    /// The bytes that are the item's, whole pages where the rest of them is too.
    pub(crate) fn place(&self) -> Result<Place, LockError> {
        let of = |bytes: &[u8]| Place {
            start: bytes.as_ptr().addr(),
            len: bytes.len(),
        };
        Ok(match &self.holder {
            Holder::Key(key) => of(key.expose()),
            Holder::Bytes(bytes) => of(bytes.expose()),
            Holder::Block(block) => of(block.as_slice()),
            Holder::Pages(pages) => of(pages.as_slice()),
            Holder::Guarded(guarded) => {
                // The canary lies before it, to the start of the page.
                let mut place = of(&*guarded.expose()?);
                let before = place.start % stayput_sys::page_size();
                (place.start, place.len) = (place.start - before, place.len + before);
                place
            }
            Holder::Region(region) => of(&region.bytes),
        })
    }

    /// `None` for a region, which is locked or does not exist.
    pub(crate) fn protection(&self) -> Option<Protection> {
        match &self.holder {
            Holder::Key(key) => Some(key.protection()),
            Holder::Bytes(bytes) => Some(bytes.protection()),
            Holder::Block(block) => Some(block.protection()),
            Holder::Pages(pages) => Some(pages.protection()),
            Holder::Guarded(guarded) => Some(guarded.protection()),
            Holder::Region(_) => None,
        }
    }

    /// Whether the report is about more pages than those of the content: about the room
    /// that `SecretBytes` keep, whose pages may be weaker.
    pub(crate) fn has_room(&self) -> bool {
        matches!(self.holder, Holder::Bytes(_))
    }

    /// Whether `munlockall` takes its lock for good: only pools lock again.
    pub(crate) fn is_in_pool(&self) -> bool {
        matches!(
            self.holder,
            Holder::Key(_) | Holder::Bytes(_) | Holder::Block(_)
        )
    }
}

fn region(mark: u8, random: &mut Random) -> Result<Region, LockError> {
    let bytes = vec![mark; random.size(10_000)];
    let mut region = Region { lock: None, bytes };
    // SAFETY: the vector is not touched again, and outlives the guard.
    region.lock = Some(unsafe { lock_raw(region.bytes.as_ptr(), region.bytes.len())? });
    Ok(region)
}
