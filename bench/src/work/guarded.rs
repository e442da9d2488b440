//! A value that is inaccessible between borrows: one borrow to read, and its return.

use super::{Outcome, fill, unseen};
use crate::clock;
use crate::observe::{LockedRanges, is_inaccessible};
use crate::peer::Refusal;
#[cfg(feature = "libsodium")]
use crate::peers::sodium;
use crate::sample::Sample;
use dryoc::protected::{HeapByteArray, NewLocked, ProtectNoAccess, ProtectReadOnly, Unlock};
use dryoc::types::Bytes as _;
use memsec::Prot;
use region::Protection;
use stayput::secret::Guarded;
use std::ptr::NonNull;

/// Who guards, by name; the yardstick first.
pub(crate) const GUARDS: &[&str] = &[
    #[cfg(feature = "libsodium")]
    "libsodium",
    "stayput",
    "memsec",
    #[cfg(feature = "secrets")]
    "secrets",
    "region",
    "dryoc",
];

/// Time for one borrow and return; `None` for a name that is not known.
pub(crate) fn borrow_and_return(guard: &str) -> Option<Outcome> {
    Some(match guard {
        #[cfg(feature = "libsodium")]
        "libsodium" => by_libsodium(),
        "stayput" => ours(),
        "memsec" => by_memsec(),
        #[cfg(feature = "secrets")]
        "secrets" => by_secrets(),
        "region" => by_region(),
        "dryoc" => by_dryoc(),
        _ => return None,
    })
}

fn ours() -> Outcome {
    let key = Guarded::<[u8; LEN]>::try_init_with(|place| fill(place, VALUE));
    let key = key.map_err(Refusal::new)?;
    cycle(|| {
        let exposed = key.expose().map_err(Refusal::new)?;
        Ok(Seen::of(&exposed[..]))
    })
}

#[cfg(feature = "libsodium")]
fn by_libsodium() -> Outcome {
    sodium::init()?;
    // SAFETY: initialised just above.
    let start = unsafe { sodium::sodium_malloc(LEN) };
    let start = NonNull::new(start.cast::<[u8; LEN]>()).ok_or_else(refused)?;
    // SAFETY: allocated just above with this length.
    unsafe { start.write([VALUE; LEN]) };
    let protect = |function: unsafe extern "C" fn(_) -> _| {
        // SAFETY: allocated above; no reference into it is live.
        let result = unsafe { function(start.as_ptr().cast()) };
        if result == 0 { Ok(()) } else { Err(refused()) }
    };
    protect(sodium::sodium_mprotect_noaccess)?;
    cycle(|| {
        protect(sodium::sodium_mprotect_readonly)?;
        // SAFETY: readable since the call above, and filled.
        let seen = Seen::of(unsafe { start.as_ref() });
        protect(sodium::sodium_mprotect_noaccess)?;
        Ok(seen)
    })
}

fn by_memsec() -> Outcome {
    // SAFETY: never freed; the process ends with it.
    let start = unsafe { memsec::malloc::<[u8; LEN]>() }.ok_or_else(refused)?;
    // SAFETY: allocated just above.
    unsafe { start.write([VALUE; LEN]) };
    let protect = |access| {
        // SAFETY: allocated above; no reference into it is live.
        let done = unsafe { memsec::mprotect(start, access) };
        if done { Ok(()) } else { Err(refused()) }
    };
    protect(Prot::NoAccess)?;
    cycle(|| {
        protect(Prot::ReadOnly)?;
        // SAFETY: readable since the call above, and filled.
        let seen = Seen::of(unsafe { start.as_ref() });
        protect(Prot::NoAccess)?;
        Ok(seen)
    })
}

#[cfg(feature = "secrets")]
fn by_secrets() -> Outcome {
    let key = secrets::SecretBox::new(|place: &mut [u8; LEN]| fill(place, VALUE));
    cycle(|| Ok(Seen::of(&key.borrow()[..])))
}

fn by_region() -> Outcome {
    let mut pages = region::alloc(LEN, Protection::READ_WRITE).map_err(Refusal::new)?;
    let start = NonNull::new(pages.as_mut_ptr::<[u8; LEN]>()).ok_or_else(refused)?;
    let _lock = region::lock(start.as_ptr(), LEN).map_err(Refusal::new)?;
    // SAFETY: allocated above, a page at least.
    unsafe { start.write([VALUE; LEN]) };
    let protect = |access| {
        // SAFETY: allocated above; no reference into it is live.
        unsafe { region::protect(start.as_ptr(), LEN, access) }.map_err(Refusal::new)
    };
    protect(Protection::NONE)?;
    cycle(|| {
        protect(Protection::READ)?;
        // SAFETY: readable since the call above, and filled.
        let seen = Seen::of(unsafe { start.as_ref() });
        protect(Protection::NONE)?;
        Ok(seen)
    })
}

/// It has no state that is both locked and inaccessible.
fn by_dryoc() -> Outcome {
    let mut key = HeapByteArray::<LEN>::new_locked().map_err(Refusal::new)?;
    fill(dryoc::types::MutBytes::as_mut_slice(&mut key), VALUE);
    let key = key.munlock().map_err(Refusal::new)?;
    let mut idle = Some(key.mprotect_noaccess().map_err(Refusal::new)?);
    cycle(|| {
        let key = idle.take().ok_or_else(refused)?;
        let key = key.mprotect_readonly().map_err(Refusal::new)?;
        let seen = Seen::of(key.as_slice());
        idle = Some(key.mprotect_noaccess().map_err(Refusal::new)?);
        Ok(seen)
    })
}

/// What a borrow showed.
struct Seen {
    start: *const u8,
    right: bool,
}

impl Seen {
    fn of(bytes: &[u8]) -> Self {
        Self {
            start: bytes.as_ptr(),
            right: bytes.len() == LEN && bytes.iter().all(|&byte| byte == VALUE),
        }
    }
}

/// Times the borrow, after a look at what the kernel says between two of them.
fn cycle(mut borrow: impl FnMut() -> Result<Seen, Refusal>) -> Outcome {
    let start = borrow()?.start;
    if !is_inaccessible(start).map_err(unseen)? {
        return Err(Refusal::new("is accessible between borrows"));
    }
    let locked = LockedRanges::now().map_err(unseen)?.hold(start, LEN);
    let time = clock::per_call(|_| match borrow()?.right {
        true => Ok(()),
        false => Err(Refusal::new("does not hold what was written")),
    })?;
    Ok(Sample::of([("time", time)]).locked(f64::from(u8::from(locked))))
}

fn refused() -> Refusal {
    Refusal::new("refused without a reason")
}

const LEN: usize = 32;
const VALUE: u8 = 0xa7;
