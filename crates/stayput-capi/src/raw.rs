//! The raw calls, without counts or policies.

use crate::boundary::status;
use crate::failure::Failure;
use crate::status::stayput_status;
use stayput_sys::lock;
use std::ffi::c_void;

/// For stayput_mlockall: present mappings.
pub const STAYPUT_MCL_CURRENT: u32 = 1;
/// For stayput_mlockall: mappings made from now on.
pub const STAYPUT_MCL_FUTURE: u32 = 2;
/// For stayput_mlockall: lock pages when they are first touched (Linux 4.4).
pub const STAYPUT_MCL_ONFAULT: u32 = 4;
/// For stayput_mlock2: lock pages when they are first touched (Linux 4.4).
pub const STAYPUT_MLOCK_ONFAULT: u32 = 1;

/// mlock(2), or VirtualLock: locks the pages that hold size bytes at ptr. A size of 0
/// does nothing; one that rounds past the address space is
/// STAYPUT_ERROR_INVALID_ARGUMENT. The system keeps no count: for locks that stack,
/// and for the cause of a refusal, use stayput_region_lock_new.
///
/// # Safety
/// The range is mapped, the caller's, and not unmapped meanwhile. Whole pages are
/// locked: neighbours on them too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_mlock(ptr: *const c_void, size: usize) -> stayput_status {
    // SAFETY: the caller's promise.
    status(|| unsafe { lock::mlock(ptr, size) }.map_err(|error| Failure::of("mlock", error)))
}

/// mlock2(2): as stayput_mlock, with flags: 0 or STAYPUT_MLOCK_ONFAULT.
/// STAYPUT_ERROR_UNSUPPORTED off Linux.
///
/// # Safety
/// As for stayput_mlock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_mlock2(
    ptr: *const c_void,
    size: usize,
    flags: u32,
) -> stayput_status {
    let known = [(STAYPUT_MLOCK_ONFAULT, lock::MLOCK_ONFAULT)];
    status(|| {
        // SAFETY: the caller's promise.
        unsafe { lock::mlock2(ptr, size, translated(flags, &known)) }
            .map_err(|error| Failure::of("mlock2", error))
    })
}

/// munlock(2), or VirtualUnlock: unlocks the pages that hold size bytes at ptr,
/// whoever locked them.
///
/// # Safety
/// As for stayput_mlock; and nothing else relies on a lock of these pages. Wipe
/// secrets first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_munlock(ptr: *const c_void, size: usize) -> stayput_status {
    // SAFETY: the caller's promise.
    status(|| unsafe { lock::munlock(ptr, size) }.map_err(|error| Failure::of("munlock", error)))
}

/// madvise(2) with MADV_DONTDUMP (FreeBSD: MADV_NOCORE): leaves the pages that hold
/// size bytes at ptr out of core dumps. STAYPUT_ERROR_UNSUPPORTED elsewhere.
///
/// # Safety
/// The range is mapped, the caller's, and not unmapped meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_madvise_dontdump(ptr: *mut c_void, size: usize) -> stayput_status {
    status(|| {
        // SAFETY: the caller's promise.
        unsafe { stayput_sys::madvise_dontdump(ptr, size) }
            .map_err(|error| Failure::of("madvise", error))
    })
}

/// mlockall(2), with STAYPUT_MCL_… flags. stayput_process_lock foresees what comes of
/// it, and tells the cause of a refusal.
#[unsafe(no_mangle)]
pub extern "C" fn stayput_mlockall(flags: u32) -> stayput_status {
    let known = [
        (STAYPUT_MCL_CURRENT, lock::MCL_CURRENT),
        (STAYPUT_MCL_FUTURE, lock::MCL_FUTURE),
        (STAYPUT_MCL_ONFAULT, lock::MCL_ONFAULT),
    ];
    status(|| {
        lock::mlockall(translated(flags, &known)).map_err(|error| Failure::of("mlockall", error))
    })
}

/// munlockall(2): undoes the locks of everybody in the process, those of secrets
/// and pools too (stayput_pool_relock mends that).
#[unsafe(no_mangle)]
pub extern "C" fn stayput_munlockall() -> stayput_status {
    status(|| lock::munlockall().map_err(|error| Failure::of("munlockall", error)))
}

/// Keeps this process and its children from writing core files: sets the soft
/// RLIMIT_CORE to 0 (setrlimit(2)). A core_pattern that is a pipe ignores the limit
/// (core(5)). STAYPUT_ERROR_UNSUPPORTED where there is no such limit.
#[unsafe(no_mangle)]
pub extern "C" fn stayput_disable_core_dumps() -> stayput_status {
    status(|| {
        stayput_sys::disable_core_dumps_for_process()
            .map_err(|error| Failure::of("setrlimit", error))
    })
}

/// Size of the system's pages in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn stayput_page_size() -> usize {
    stayput_sys::page_size()
}

/// The system's flags for this interface's. What is unknown here is handed on where
/// nothing else lies, for the system to refuse.
fn translated(flags: u32, known: &[(u32, u32)]) -> u32 {
    let unknown = known.iter().fold(flags, |rest, (ours, _)| rest & !ours);
    let set = known.iter().filter(|(ours, _)| flags & ours != 0);
    set.fold(
        if unknown == 0 { 0 } else { 1 << 31 },
        |all, (_, theirs)| all | theirs,
    )
}

#[cfg(test)]
mod tests {
    use super::translated;

    #[test]
    fn flags_get_the_systems_values() {
        let known = [(1, 0x10), (2, 1)];
        assert_eq!(translated(3, &known), 0x11);
        assert_eq!(translated(0, &known), 0);
        assert_eq!(translated(2 | 64, &known), 1 | 1 << 31);
    }
}
