//! Windows Error Reporting: memory that its reports leave out.
//!
//! The two calls came with Windows 10 1703, so they are looked up: a program that
//! imported them would not start on anything older.

use super::super::blocks::Blocks;
use super::super::unsupported::unsupported;
use crate::page::PageRange;
use std::ffi::{CStr, c_void};
use std::io;
use std::mem;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress};
use windows_sys::core::{HRESULT, w};

type Register = unsafe extern "system" fn(*const c_void, u32) -> HRESULT;
type Unregister = unsafe extern "system" fn(*const c_void) -> HRESULT;
type Procedure = unsafe extern "system" fn() -> isize;

/// A block's length is a DWORD: larger ranges are registered in parts.
const LARGEST: u32 = 1 << 31;

static REGISTER: Lookup = Lookup::new(c"WerRegisterExcludedMemoryBlock");
static UNREGISTER: Lookup = Lookup::new(c"WerUnregisterExcludedMemoryBlock");
static EXCLUDED: Mutex<Blocks> = Mutex::new(Blocks::new());

/// Leaves the pages out of reports, until they are included again or released.
pub(super) fn exclude(range: PageRange) -> io::Result<()> {
    // Both are looked up here, see `Lookup`.
    let (procedure, _) = (REGISTER.get(), UNREGISTER.get());
    let procedure = procedure?;
    excluded().add(range, |block| register(procedure, block))
}

/// Undoes `exclude` of ranges inside this one: blocks go whole.
pub(super) fn include(range: PageRange) -> io::Result<()> {
    let procedure = UNREGISTER.get()?;
    excluded().remove_within(range, |block| unregister(procedure, block))
}

/// What is about to be released needs no exclusion; what is mapped there next would have
/// it. The call is there if any block was registered, and has no other way to fail.
pub(super) fn forget(range: PageRange) {
    let _ = include(range);
}

fn excluded() -> MutexGuard<'static, Blocks> {
    // Nothing panics while it is held.
    EXCLUDED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn register(procedure: Procedure, range: PageRange) -> io::Result<()> {
    // SAFETY: the signature is that of werapi.h.
    let register = unsafe { mem::transmute::<Procedure, Register>(procedure) };
    parts(range).try_for_each(|(start, len)| {
        // SAFETY: the call notes the address and reads nothing there.
        check(unsafe { register(start, len) })
    })
}

fn unregister(procedure: Procedure, range: PageRange) -> io::Result<()> {
    // SAFETY: the signature is that of werapi.h.
    let unregister = unsafe { mem::transmute::<Procedure, Unregister>(procedure) };
    parts(range).try_for_each(|(start, _)| {
        // SAFETY: the call forgets the address and reads nothing there.
        check(unsafe { unregister(start) })
    })
}

fn parts(range: PageRange) -> impl Iterator<Item = (*const c_void, u32)> {
    let largest = LARGEST as usize;
    (0..range.len()).step_by(largest).map(move |offset| {
        let len = u32::try_from(range.len() - offset).map_or(LARGEST, |rest| rest.min(LARGEST));
        (range.as_ptr().cast_const().wrapping_byte_add(offset), len)
    })
}

/// A procedure of kernel32, looked up when it is first asked for.
///
/// The loader has a lock, which ending threads hold while their destructors wait for ours:
/// so nobody may ask the loader with a lock of ours held. The first to exclude a block has
/// none that such a destructor could wait for, and what it found is kept, absence too.
struct Lookup {
    name: &'static CStr,
    found: AtomicPtr<c_void>,
}

/// No procedure lies there.
const ABSENT: *mut c_void = ptr::without_provenance_mut(1);

impl Lookup {
    const fn new(name: &'static CStr) -> Self {
        Self {
            name,
            found: AtomicPtr::new(ptr::null_mut()),
        }
    }

    fn get(&self) -> io::Result<Procedure> {
        let mut found = self.found.load(Ordering::Relaxed);
        if found.is_null() {
            found = self.look_up();
            self.found.store(found, Ordering::Relaxed);
        }
        if found == ABSENT {
            return Err(unsupported(&self.name.to_string_lossy()));
        }
        // SAFETY: what the loader returned for a procedure; it stays loaded.
        Ok(unsafe { mem::transmute::<*mut c_void, Procedure>(found) })
    }

    fn look_up(&self) -> *mut c_void {
        let name = self.name.as_ptr().cast();
        // SAFETY: kernel32 is in every process; both names end in a NUL.
        let found = unsafe { GetProcAddress(GetModuleHandleW(w!("kernel32.dll")), name) };
        found.map_or(ABSENT, |procedure| procedure as *mut c_void)
    }
}

/// Win32 errors come wrapped as 0x8007xxxx: unwrapped they have an `ErrorKind`.
fn check(result: HRESULT) -> io::Result<()> {
    let raw = result as u32;
    match raw {
        _ if result >= 0 => Ok(()),
        _ if raw >> 16 == 0x8007 => Err(io::Error::from_raw_os_error(result & 0xffff)),
        _ => Err(io::Error::from_raw_os_error(result)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_excluded_and_included_again_where_the_system_can() {
        let range = crate::map::reserve(1 << 16).expect("address space");
        match exclude(range) {
            Ok(()) => include(range).expect("was registered"),
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                eprintln!(
                    "SKIPPED blocks_are_excluded_and_included_again_where_the_system_can: {error}"
                );
            }
            Err(error) => panic!("{error}"),
        }
        // SAFETY: reserved above and never used.
        unsafe { crate::map::release(range) }.expect("ours");
    }

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn large_ranges_are_cut_into_parts_that_fit_a_dword() {
        let range = PageRange::exact(1 << 20, (5 << 30) + 4096).expect("whole pages");
        let parts: Vec<_> = parts(range)
            .map(|(start, len)| (start.addr(), len))
            .collect();
        let start = 1 << 20;
        assert_eq!(
            parts,
            [
                (start, LARGEST),
                (start + (2 << 30), LARGEST),
                (start + (4 << 30), (1 << 30) + 4096)
            ]
        );
    }

    #[test]
    fn wrapped_errors_are_unwrapped() {
        let invalid = 0x8007_0057_u32 as i32; // E_INVALIDARG
        let error = check(invalid).expect_err("negative");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert_eq!(check(0).ok(), Some(()));
    }
}
