//! Bytes that any stray access faults on, unless they are exposed.

use crate::boundary::{Out, quiet, status};
use crate::failure::Failure;
use crate::handle::{borrow, give_out, handle, take_back};
use crate::own_pages::OwnPages;
use crate::policy::{policy_of, stayput_policy};
use crate::protection::stayput_protection;
use crate::status::stayput_status::{self, STAYPUT_ERROR_BUSY, STAYPUT_ERROR_INHERITED};
use stayput::limits::Status;
use stayput_sys::map::Access;
use std::ffi::c_void;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bytes on locked pages of their own that any stray read or write faults on, unless
/// they are exposed. For few, long-lived keys: each has whole pages, and access
/// costs two system calls. It may be used by several threads. On Windows, which unlocks
/// pages that become inaccessible, locked ones stay readable and only writing is a
/// fault: stayput_guarded_protection says so.
#[allow(non_camel_case_types, reason = "the name in C")]
pub struct stayput_guarded {
    block: OwnPages,
    /// Not touched in a fork child: a thread that is not there may hold it.
    exposure: Mutex<Exposure>,
}

handle!(stayput_guarded);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Exposure {
    None,
    /// By so many, at least one.
    Shared(usize),
    Sole,
}

/// Makes size bytes of zeros, not exposed. Where locking is impossible the policy
/// decides. errno as for alloc_secure_memory.
///
/// # Safety
/// out has room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_guarded_new(
    size: usize,
    policy: stayput_policy,
    out: *mut *mut stayput_guarded,
) -> stayput_status {
    status(|| {
        let out = Out::new(out, "out")?;
        if size == 0 {
            return Err(Failure::invalid("size is 0: expected the number of bytes"));
        }
        let block = OwnPages::new(size, policy_of(policy)?, "stayput_guarded_free")?;
        // SAFETY: nobody has its address yet.
        unsafe { block.set_access(block.at_rest())? };
        let exposure = Mutex::new(Exposure::None);
        // SAFETY: the caller's promise.
        unsafe { give_out(stayput_guarded { block, exposure }, out) };
        Ok(())
    })
}

/// Makes the bytes readable until stayput_guarded_protect, and stores where they
/// are. Threads may expose them for reading at the same time, each with a
/// stayput_guarded_protect of its own. STAYPUT_ERROR_BUSY while they are exposed for
/// writing; STAYPUT_ERROR_INHERITED in a fork child of the process that made them.
///
/// # Safety
/// The handle is not freed meanwhile; out has room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_guarded_expose(
    guarded: *mut stayput_guarded,
    out: *mut *const c_void,
) -> stayput_status {
    status(|| {
        let out = Out::new(out, "out")?;
        // SAFETY: the caller's promise.
        let guarded = unsafe { borrow(guarded)? };
        let mut exposure = guarded.exposure()?;
        let readers = match *exposure {
            Exposure::None => {
                // SAFETY: nobody has access.
                unsafe { guarded.block.set_access(Access::Read)? };
                0
            }
            Exposure::Shared(readers) => readers,
            Exposure::Sole => return Err(busy("exposed for writing")),
        };
        *exposure = Exposure::Shared(readers + 1);
        // SAFETY: the caller's promise.
        unsafe { out.set(guarded.block.start().as_ptr().cast_const().cast()) };
        Ok(())
    })
}

/// Makes the bytes readable and writable until stayput_guarded_protect, and stores
/// where they are. STAYPUT_ERROR_BUSY while they are exposed already;
/// STAYPUT_ERROR_INHERITED in a fork child of the process that made them.
///
/// # Safety
/// The handle is not freed meanwhile; out has room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_guarded_expose_mut(
    guarded: *mut stayput_guarded,
    out: *mut *mut c_void,
) -> stayput_status {
    status(|| {
        let out = Out::new(out, "out")?;
        // SAFETY: the caller's promise.
        let guarded = unsafe { borrow(guarded)? };
        let mut exposure = guarded.exposure()?;
        if *exposure != Exposure::None {
            return Err(busy("exposed already"));
        }
        // SAFETY: nobody has access.
        unsafe { guarded.block.set_access(Access::ReadWrite)? };
        *exposure = Exposure::Sole;
        // SAFETY: the caller's promise.
        unsafe { out.set(guarded.block.start().as_ptr().cast()) };
        Ok(())
    })
}

/// Ends one exposure; with the last one the bytes are inaccessible again, and
/// reading them is a fault. STAYPUT_ERROR_INVALID_ARGUMENT if they are not exposed.
///
/// # Safety
/// The handle is not freed meanwhile; who exposed the bytes uses them no more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_guarded_protect(guarded: *mut stayput_guarded) -> stayput_status {
    status(|| {
        // SAFETY: the caller's promise.
        let guarded = unsafe { borrow(guarded)? };
        let mut exposure = guarded.exposure()?;
        let left = match *exposure {
            Exposure::None => {
                return Err(Failure::invalid(
                    "stayput_guarded_protect: the bytes are not exposed",
                ));
            }
            Exposure::Shared(readers) if readers > 1 => Exposure::Shared(readers - 1),
            Exposure::Shared(_) | Exposure::Sole => {
                // SAFETY: the last one with access gives it up.
                unsafe { guarded.block.set_access(guarded.block.at_rest())? };
                Exposure::None
            }
        };
        *exposure = left;
        Ok(())
    })
}

/// Size in bytes; 0 for NULL.
///
/// # Safety
/// The handle is not freed meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_guarded_size(guarded: *const stayput_guarded) -> usize {
    // SAFETY: the caller's promise.
    crate::boundary::value(0, || Ok(unsafe { borrow(guarded)? }.block.len()))
}

/// What protects the bytes, whether exposed or not.
///
/// # Safety
/// The handle is not freed meanwhile; out has room for the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_guarded_protection(
    guarded: *const stayput_guarded,
    out: *mut stayput_protection,
) -> stayput_status {
    status(|| {
        let out = Out::new(out, "out")?;
        // SAFETY: the caller's promise.
        let block = &unsafe { borrow(guarded)? }.block;
        let mut protection = block.protection();
        if block.at_rest() != Access::None {
            protection.guarded =
                Status::No("readable at rest: the system unlocks inaccessible pages");
        }
        // SAFETY: the caller's promise.
        unsafe { out.set(protection.into()) };
        Ok(())
    })
}

/// Wipes, unlocks and unmaps, exposed or not; NULL is nothing. A pointer that is no
/// live stayput_guarded ends the process, as do bytes written before or behind.
///
/// # Safety
/// Nobody uses the handle or its bytes any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_guarded_free(guarded: *mut stayput_guarded) {
    quiet(|| drop(take_back(guarded)));
}

impl stayput_guarded {
    fn exposure(&self) -> Result<MutexGuard<'_, Exposure>, Failure> {
        if self.block.is_inherited() {
            let text = "the value belongs to the parent process; in a fork child it is gone";
            return Err(Failure::new(STAYPUT_ERROR_INHERITED, text));
        }
        Ok(self.exposure.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for stayput_guarded {
    fn drop(&mut self) {
        if self.block.is_inherited() {
            return;
        }
        // SAFETY: the last one to hold it is giving it up.
        if let Err(error) = unsafe { self.block.set_access(Access::ReadWrite) } {
            // Otherwise the wipe that follows would fault.
            crate::misuse::end_process(&format!(
                "stayput_guarded_free: the pages can't be made accessible for their wipe: {error}"
            ));
        }
    }
}

fn busy(how: &str) -> Failure {
    let text = format!("the bytes are {how}: call stayput_guarded_protect first");
    Failure::new(STAYPUT_ERROR_BUSY, text)
}
