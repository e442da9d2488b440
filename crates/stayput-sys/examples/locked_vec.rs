//! A safe wrapper: bytes that are locked before they are filled, and wiped before
//! they are unlocked. Its user writes no `unsafe`.
//!
//! An illustration of what callers of the raw calls owe; `stayput::secret` is the
//! finished article, and `stayput::region` counts locks that share a page.
//!
//! ```text
//! cargo run -p stayput-sys --example locked_vec
//! ```

use stayput_sys::{PageRange, map, mlock, munlock, wipe::wipe};
use std::fs;
use std::io;

fn main() -> io::Result<()> {
    let mut key = *b"an example of 32 bytes in length";
    report("before");
    let installed = match LockedVec::install(&mut key) {
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {
            println!("nothing to show here: {error}");
            return Ok(());
        }
        installed => installed?,
    };
    report("locked");
    println!(
        "installed {} bytes, the source is wiped: {}",
        installed.as_slice().len(),
        key == [0; 32]
    );
    drop(installed);
    report("after");
    Ok(())
}

/// Bytes on pages of their own, locked while they exist.
///
/// The pages come from the system and not from the heap, so that no neighbour
/// shares a page. Nothing here grows or moves: a copy would be left behind.
struct LockedVec {
    pages: PageRange,
    len: usize,
}

impl LockedVec {
    /// Moves `secret` into locked memory; the source is zeros afterwards. Where
    /// locking fails there is no value and the source is as it was.
    fn install(secret: &mut [u8]) -> io::Result<Self> {
        let mut this = Self::zeros(secret.len())?;
        this.as_mut_slice().copy_from_slice(secret);
        // SAFETY: the slice is writable and borrowed by us alone.
        unsafe { wipe(secret.as_mut_ptr(), secret.len()) };
        Ok(this)
    }

    fn zeros(len: usize) -> io::Result<Self> {
        let pages = map::reserve(len)?;
        // SAFETY: the reservation was made just above and is ours alone.
        unsafe {
            match map::commit(pages).and_then(|()| mlock(pages.as_ptr(), pages.len())) {
                Ok(()) => Ok(Self { pages, len }),
                Err(refused) => map::release(pages).and(Err(refused)),
            }
        }
    }

    fn as_slice(&self) -> &[u8] {
        // SAFETY: committed by `zeros`, at least `len` long, borrowed from the owner.
        unsafe { std::slice::from_raw_parts(self.pages.as_ptr().cast(), self.len) }
    }

    fn as_mut_slice(&mut self) -> &mut [u8] {
        // SAFETY: as above, borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.pages.as_ptr().cast(), self.len) }
    }
}

impl Drop for LockedVec {
    fn drop(&mut self) {
        let (start, len) = (self.pages.as_ptr(), self.pages.len());
        // SAFETY: ours and locked by us; released last, and not used again.
        let answers = unsafe {
            wipe(start.cast(), len);
            [munlock(start, len), map::release(self.pages)]
        };
        for error in answers.into_iter().filter_map(Result::err) {
            eprintln!("locked_vec: {len} bytes: {error}");
        }
    }
}

fn report(when: &str) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    match status.lines().find_map(|it| it.strip_prefix("VmLck:")) {
        Some(locked) => println!("VmLck {when}: {}", locked.trim()),
        None => println!("VmLck {when}: not told by this system"),
    }
}
