//! Pools: locked memory for many small secrets.

use crate::boundary::{Out, pointed, quiet, status};
use crate::failure::Failure;
use crate::handle::{borrow, give_out, handle, take_back};
use crate::policy::{backing_of, policy_of, stayput_backing, stayput_policy};
use crate::status::stayput_status;
use stayput::Pool;
use std::ptr;

/// A pool of locked memory. Where a function takes one, NULL stands for the
/// process-wide pool: STAYPUT_POLICY_REQUIRE, STAYPUT_BACKING_LOCKED, no bound. It
/// may be used by several threads.
#[allow(non_camel_case_types, reason = "the name in C")]
pub struct stayput_pool(pub(crate) Pool);

handle!(stayput_pool);

/// What a pool is to be; all zero for the process-wide pool's settings.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(non_camel_case_types, reason = "the name in C")]
pub struct stayput_pool_config {
    /// What to do where memory can't be locked.
    pub policy: stayput_policy,
    /// What kind of memory to hand out.
    pub backing: stayput_backing,
    /// Most bytes that the pool may hold, whole pages; 0 for no bound.
    pub max_locked: usize,
    /// Room for later settings: zero.
    pub reserved: [usize; 5],
}

/// A pool's state at one moment; sizes in bytes, of slots rather than requests.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(non_camel_case_types, reason = "the name in C")]
pub struct stayput_pool_statistics {
    /// In live allocations.
    pub used: usize,
    /// Committed, in no allocation.
    pub free: usize,
    /// Committed.
    pub total: usize,
    /// Locked.
    pub locked: usize,
    /// Live allocations.
    pub chunks_used: usize,
    /// Free slots, and free pages.
    pub chunks_free: usize,
    /// What the system refused to release or protect, in any pool, lock or guarded
    /// value of this process: freeing has no other way to report it.
    pub errors_in_free: u64,
}

/// Makes a pool; NULL for config stands for all settings zero. Nothing is mapped or
/// locked yet: the first secret does.
///
/// # Safety
/// config is NULL or valid; out has room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_pool_new(
    config: *const stayput_pool_config,
    out: *mut *mut stayput_pool,
) -> stayput_status {
    status(|| {
        let out = Out::new(out, "out")?;
        let mut builder = Pool::builder();
        if !config.is_null() {
            // SAFETY: the caller's promise.
            let config = unsafe { pointed(config, "config")? };
            if config.reserved != [0; 5] {
                return Err(Failure::invalid(
                    "config: reserved is not zero; initialize the whole structure with {0}",
                ));
            }
            builder = builder
                .policy(policy_of(config.policy)?)
                .backing(backing_of(config.backing)?);
            if config.max_locked != 0 {
                builder = builder.max_locked(config.max_locked);
            }
        }
        // SAFETY: the caller's promise.
        unsafe { give_out(stayput_pool(builder.build()), out) };
        Ok(())
    })
}

/// Gives the handle up; NULL is nothing. The pool's memory goes with its last
/// secret. A pointer that is no live stayput_pool ends the process.
///
/// # Safety
/// Nobody uses the handle any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_pool_free(pool: *mut stayput_pool) {
    quiet(|| drop(take_back(pool)));
}

/// Locks ahead, so that the next size bytes of secrets need no growth. Sizes round
/// up to slots and pages, so leave some room.
///
/// # Safety
/// pool is not freed meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_pool_reserve(
    pool: *const stayput_pool,
    size: usize,
) -> stayput_status {
    // SAFETY: the caller's promise.
    status(|| Ok(unsafe { of(pool)? }.reserve(size)?))
}

/// Gives free pages back to the system and to the limit; the number of bytes.
///
/// # Safety
/// pool is not freed meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_pool_trim(pool: *const stayput_pool) -> usize {
    // SAFETY: the caller's promise.
    crate::boundary::value(0, || Ok(unsafe { of(pool)? }.trim()))
}

/// What the pool holds.
///
/// # Safety
/// pool is not freed meanwhile; out has room for the statistics.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_pool_stats(
    pool: *const stayput_pool,
    out: *mut stayput_pool_statistics,
) -> stayput_status {
    status(|| {
        let out = Out::new(out, "out")?;
        // SAFETY: the caller's promise.
        let stats = unsafe { of(pool)? }.stats();
        let statistics = stayput_pool_statistics {
            used: stats.used,
            free: stats.free,
            total: stats.total,
            locked: stats.locked,
            chunks_used: stats.chunks_used,
            chunks_free: stats.chunks_free,
            errors_in_free: stats.errors_in_drop,
        };
        // SAFETY: the caller's promise.
        unsafe { out.set(statistics) };
        Ok(())
    })
}

/// Asks the kernel about every page that the pool believes locked, and stores how
/// many bytes are not, or no longer left out of dumps: somebody called munlockall(2)
/// or a raw munlock(2). 0 is good.
///
/// # Safety
/// pool is not freed meanwhile; out has room for the number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_pool_verify(
    pool: *const stayput_pool,
    out: *mut usize,
) -> stayput_status {
    status(|| {
        let out = Out::new(out, "out")?;
        // SAFETY: the caller's promise.
        let lapses = unsafe { of(pool)? }.verify()?;
        // SAFETY: the caller's promise.
        unsafe { out.set(lapses.iter().map(|lapse| lapse.pages.len()).sum()) };
        Ok(())
    })
}

/// Mends what stayput_pool_verify finds: locks and advises again.
///
/// # Safety
/// pool is not freed meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_pool_relock(pool: *const stayput_pool) -> stayput_status {
    status(|| {
        // SAFETY: the caller's promise.
        unsafe { of(pool)? }.relock()?;
        Ok(())
    })
}

/// The pool that a pointer stands for: the process-wide one for null.
///
/// # Safety
/// The handle is not freed meanwhile.
pub(crate) unsafe fn of<'a>(pool: *const stayput_pool) -> Result<&'a Pool, Failure> {
    if ptr::eq(pool, ptr::null()) {
        return Ok(Pool::global());
    }
    // SAFETY: the caller's promise.
    Ok(&unsafe { borrow(pool)? }.0)
}
