//! Secrets of any size, in a pool.

use crate::boundary::{Out, bytes, quiet, status, text, value};
use crate::handle::{borrow, borrow_mut, give_out, handle, take_back};
use crate::pool::{self, stayput_pool};
use crate::protection::stayput_protection;
use crate::status::stayput_status;
use stayput::SecretBytes;
use stayput_sys::wipe::wipe;
use std::ffi::{c_char, c_void};
use std::ptr::{null, null_mut};
use subtle::ConstantTimeEq;

/// Bytes in a pool's locked memory; wiped when freed. It may move from thread to
/// thread, and be read by several; to change, resize or free it takes one alone.
#[allow(non_camel_case_types, reason = "the name in C")]
pub struct stayput_secret(SecretBytes);

handle!(stayput_secret);

/// Makes size bytes of zeros in pool (NULL: the process-wide one). Fill them where
/// they lie (stayput_secret_data), for instance by read(2), so that no copy is left
/// elsewhere.
///
/// # Safety
/// pool is not freed meanwhile; out has room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_secret_new(
    pool: *const stayput_pool,
    size: usize,
    out: *mut *mut stayput_secret,
) -> stayput_status {
    status(|| {
        let out = Out::new(out, "out")?;
        // SAFETY: the caller's promise.
        let pool = unsafe { pool::of(pool)? };
        let secret = SecretBytes::try_init_with_in(size, |_| (), pool)?;
        // SAFETY: the caller's promise.
        unsafe { give_out(stayput_secret(secret), out) };
        Ok(())
    })
}

/// Copies size bytes from source into a new secret and wipes the source. On failure
/// the source is as it was.
///
/// # Safety
/// size bytes at source may be read and written; pool is not freed meanwhile; out
/// has room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_secret_take_from(
    pool: *const stayput_pool,
    source: *mut c_void,
    size: usize,
    out: *mut *mut stayput_secret,
) -> stayput_status {
    status(|| {
        let out = Out::new(out, "out")?;
        // SAFETY: the caller's promise, both.
        let (pool, content) = unsafe { (pool::of(pool)?, bytes(source.cast(), size, "source")?) };
        let fill = |place: &mut [u8]| place.copy_from_slice(content);
        let secret = SecretBytes::try_init_with_in(size, fill, pool)?;
        if size > 0 {
            // SAFETY: the caller's promise; `content` is not looked at any more.
            unsafe { wipe(source.cast(), size) };
        }
        // SAFETY: the caller's promise.
        unsafe { give_out(stayput_secret(secret), out) };
        Ok(())
    })
}

/// Reads a whole file into a new secret of the process-wide pool, past every buffer.
/// errno as for open(2) and read(2). path is UTF-8 that ends in NUL.
///
/// # Safety
/// path is such a string; out has room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_secret_read_file(
    path: *const c_char,
    out: *mut *mut stayput_secret,
) -> stayput_status {
    status(|| {
        let out = Out::new(out, "out")?;
        // SAFETY: the caller's promise.
        let path = unsafe { text(path, "path")? };
        let secret = SecretBytes::try_read_file(path)?;
        // SAFETY: the caller's promise.
        unsafe { give_out(stayput_secret(secret), out) };
        Ok(())
    })
}

/// The bytes, to read and write: stayput_secret_size of them, aligned to 16. NULL
/// for NULL. Valid until the secret is resized or freed. In a fork child they are
/// zeros.
///
/// # Safety
/// The secret is not freed meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_secret_data(secret: *mut stayput_secret) -> *mut c_void {
    value(null_mut(), || {
        // SAFETY: the caller's promise.
        let bytes = unsafe { borrow_mut(secret)? }.0.expose_mut();
        Ok(bytes.as_mut_ptr().cast())
    })
}

/// The bytes, to read. As stayput_secret_data, for several threads at once.
///
/// # Safety
/// The secret is not resized or freed meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_secret_const_data(secret: *const stayput_secret) -> *const c_void {
    value(null(), || {
        // SAFETY: the caller's promise.
        let bytes = unsafe { borrow(secret)? }.0.expose();
        Ok(bytes.as_ptr().cast())
    })
}

/// Size in bytes; 0 for NULL.
///
/// # Safety
/// The secret is not freed meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_secret_size(secret: *const stayput_secret) -> usize {
    // SAFETY: the caller's promise.
    value(0, || Ok(unsafe { borrow(secret)? }.0.len()))
}

/// Changes the size: what is cut off is wiped, what is added is zero. Growing may
/// move the bytes (ask stayput_secret_data again) and wipes where they were. On
/// failure the secret is as it was.
///
/// # Safety
/// Nobody else uses the secret meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_secret_resize(
    secret: *mut stayput_secret,
    size: usize,
) -> stayput_status {
    status(|| {
        // SAFETY: the caller's promise.
        let bytes = &mut unsafe { borrow_mut(secret)? }.0;
        bytes.truncate(size);
        bytes.try_reserve(size - bytes.len())?;
        while bytes.len() < size {
            const ZEROS: [u8; 4096] = [0; 4096];
            bytes.try_extend_from_slice(&ZEROS[..ZEROS.len().min(size - bytes.len())])?;
        }
        Ok(())
    })
}

/// Whether both hold the same bytes, in a time that does not depend on where they
/// differ; sizes are no secret. False where either is NULL (errno: EINVAL).
///
/// # Safety
/// Neither is changed or freed meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_secret_equal(
    left: *const stayput_secret,
    right: *const stayput_secret,
) -> bool {
    value(false, || {
        // SAFETY: the caller's promise, both.
        let (left, right) = unsafe { (borrow(left)?, borrow(right)?) };
        Ok(left.0.ct_eq(&right.0).into())
    })
}

/// What protects the bytes.
///
/// # Safety
/// The secret is not freed meanwhile; out has room for the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_secret_protection(
    secret: *const stayput_secret,
    out: *mut stayput_protection,
) -> stayput_status {
    status(|| {
        let out = Out::new(out, "out")?;
        // SAFETY: the caller's promise, both.
        unsafe { out.set(borrow(secret)?.0.protection().into()) };
        Ok(())
    })
}

/// Wipes the bytes and gives them back to the pool; NULL is nothing. In a fork child
/// it leaves the parent's bytes as they are. A pointer that is no live stayput_secret
/// ends the process.
///
/// # Safety
/// Nobody uses the secret or its bytes any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_secret_free(secret: *mut stayput_secret) {
    quiet(|| drop(take_back(secret)));
}
