//! `alloc_secure_memory` and `free_secure_memory`.

use crate::boundary::{Out, quiet, status, value};
use crate::failure::Failure;
use crate::live::Live;
use crate::misuse::end_process;
use crate::own_pages::OwnPages;
use crate::policy::{STAYPUT_POLICY_REQUIRE, policy_of, stayput_policy};
use crate::protection::stayput_protection;
use crate::status::stayput_status;
use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, Ordering};

static LIVE: Live<OwnPages> = Live::new();
static POLICY: AtomicU32 = AtomicU32::new(STAYPUT_POLICY_REQUIRE);

/// Allocates size bytes of locked memory: never written to swap, left out of core
/// dumps, zeros in a fork child, zero at first. NULL with errno where it can't be
/// had; stayput_last_error_text then says why and what to do.
///
/// The bytes are aligned to 16 and have whole pages of their own, an inaccessible
/// page before and another behind: writing past the end, rounded up to 16, is a fault
/// at once; anything written before or behind is found when the memory is freed. Every
/// page is written, so none is shared with a parent process. There is no cap but the
/// limit on locked memory. For many small secrets stayput_secret_new needs far fewer
/// pages.
///
/// Where locking is impossible the policy decides
/// (stayput_secure_memory_set_policy): by default that is NULL.
///
/// errno: EINVAL for a size of 0 and for one beyond the address space; ENOMEM over
/// the limit on locked memory (RLIMIT_MEMLOCK) or for want of memory; EPERM where
/// the limit is 0 without CAP_IPC_LOCK.
#[unsafe(no_mangle)]
pub extern "C" fn alloc_secure_memory(size: usize) -> *mut c_void {
    value(null_mut(), || {
        if size == 0 {
            return Err(Failure::invalid(
                "alloc_secure_memory: size is 0: expected the number of bytes",
            ));
        }
        let policy = policy_of(POLICY.load(Ordering::Relaxed))?;
        let block = OwnPages::new(size, policy, "free_secure_memory")?;
        let start = block.start();
        LIVE.insert(start.addr().get(), Box::new(block));
        Ok(start.as_ptr().cast())
    })
}

/// Wipes, unlocks and unmaps what alloc_secure_memory returned. ptr may be NULL:
/// then it does nothing. errno stays as it was.
///
/// size is the size asked for. Another size, a pointer that alloc_secure_memory did
/// not return, one freed before, and bytes written before or behind the memory end
/// the process (abort(3)) with a message on standard error.
///
/// In a fork child, freeing what the parent allocated leaves the parent's memory as
/// it is.
///
/// # Safety
/// Nobody uses the memory any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn free_secure_memory(ptr: *mut c_void, size: usize) {
    quiet(|| {
        if ptr.is_null() {
            return;
        }
        let Some(block) = LIVE.remove(ptr.addr()) else {
            unknown("free_secure_memory");
        };
        if block.len() != size {
            end_process(&format!(
                "free_secure_memory: size is {size}, but {} bytes were allocated",
                block.len()
            ));
        }
    });
}

/// Sets what alloc_secure_memory does where memory can't be locked, for the whole
/// process: one of STAYPUT_POLICY_…, by default STAYPUT_POLICY_REQUIRE: NULL. What is
/// allocated already stays as it is.
#[unsafe(no_mangle)]
pub extern "C" fn stayput_secure_memory_set_policy(policy: stayput_policy) -> stayput_status {
    status(|| {
        policy_of(policy)?;
        POLICY.store(policy, Ordering::Relaxed);
        Ok(())
    })
}

/// What protects memory that alloc_secure_memory returned. A pointer that it did not
/// return, or one freed before, ends the process.
///
/// # Safety
/// Nobody frees the memory meanwhile; out has room for the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_secure_memory_protection(
    ptr: *const c_void,
    out: *mut stayput_protection,
) -> stayput_status {
    status(|| {
        let out = Out::new(out, "out")?;
        if ptr.is_null() {
            return Err(Failure::null("ptr"));
        }
        let Some(block) = LIVE.find(ptr.addr()) else {
            unknown("stayput_secure_memory_protection");
        };
        // SAFETY: the caller's promise, both.
        unsafe { out.set(block.as_ref().protection().into()) };
        Ok(())
    })
}

#[cold]
fn unknown(function: &str) -> ! {
    end_process(&format!(
        "{function}: this pointer is not the start of live memory of alloc_secure_memory: freed \
         before (double free), or never its (foreign or interior pointer)"
    ))
}
