//! What a call came to.

use stayput_status::*;
use std::ffi::{CStr, c_char};

/// What a call came to. Whatever is not STAYPUT_OK has set errno and the thread's
/// last error (stayput_last_error_text), and has written to no out-parameter.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(non_camel_case_types, reason = "the name in C")]
pub enum stayput_status {
    /// Done.
    STAYPUT_OK = 0,
    /// A pointer that may not be NULL was. errno: EINVAL.
    STAYPUT_ERROR_NULL_POINTER = 1,
    /// An argument has no meaning: a size of 0, an unknown flag. errno: EINVAL.
    STAYPUT_ERROR_INVALID_ARGUMENT = 2,
    /// This system, or this kernel, can't. errno: ENOSYS.
    STAYPUT_ERROR_UNSUPPORTED = 3,
    /// The limit on locked memory (RLIMIT_MEMLOCK; on Windows the working set) is
    /// reached. errno: ENOMEM, or EAGAIN for secret memory.
    STAYPUT_ERROR_LIMIT = 4,
    /// Not permitted. For a lock: the limit is 0 without CAP_IPC_LOCK, or a seccomp
    /// filter refused the call. errno: EPERM, EACCES, or what the filter says.
    STAYPUT_ERROR_PERMISSION = 5,
    /// The pool's own bound (max_locked) is reached. errno: ENOMEM.
    STAYPUT_ERROR_POOL_LIMIT = 6,
    /// The memory control group has too little room: past its limit the kernel
    /// would kill. errno: ENOMEM.
    STAYPUT_ERROR_MEMORY_CGROUP = 7,
    /// Memory, address space or mappings (vm.max_map_count) ran out. errno: ENOMEM.
    STAYPUT_ERROR_OUT_OF_MEMORY = 8,
    /// Part of the range is not mapped, or inaccessible. errno: ENOMEM.
    STAYPUT_ERROR_NOT_MAPPED = 9,
    /// The value is exposed, which excludes what was asked for. errno: EBUSY.
    STAYPUT_ERROR_BUSY = 10,
    /// The value is the parent process's; this fork child has zeros. errno: EPERM.
    STAYPUT_ERROR_INHERITED = 11,
    /// Another error of the system: errno tells.
    STAYPUT_ERROR_SYSTEM = 12,
    /// A defect in this library. errno: EIO. Please report it, with the message on
    /// standard error.
    STAYPUT_ERROR_PANIC = 13,
    /// The lock was refused, and no file took its place: the directory of
    /// stayput_set_file_directory is missing, full, not writable, or in memory itself.
    /// errno: the system's, or EIO.
    STAYPUT_ERROR_NO_FILE = 14,
}

/// A few words on a status: static text, never NULL. What happened in detail says
/// stayput_last_error_text.
#[unsafe(no_mangle)]
pub extern "C" fn stayput_status_text(status: i32) -> *const c_char {
    let known = TEXTS.iter().find(|(known, _)| *known as i32 == status);
    known
        .map_or(c"no status of this library", |(_, text)| text)
        .as_ptr()
}

const TEXTS: [(stayput_status, &CStr); 15] = [
    (STAYPUT_OK, c"done"),
    (STAYPUT_ERROR_NULL_POINTER, c"a pointer was NULL"),
    (
        STAYPUT_ERROR_INVALID_ARGUMENT,
        c"an argument has no meaning",
    ),
    (STAYPUT_ERROR_UNSUPPORTED, c"this system can't"),
    (
        STAYPUT_ERROR_LIMIT,
        c"the limit on locked memory is reached",
    ),
    (STAYPUT_ERROR_PERMISSION, c"not permitted"),
    (STAYPUT_ERROR_POOL_LIMIT, c"the pool's own bound is reached"),
    (
        STAYPUT_ERROR_MEMORY_CGROUP,
        c"the memory control group has too little room",
    ),
    (STAYPUT_ERROR_OUT_OF_MEMORY, c"memory ran out"),
    (
        STAYPUT_ERROR_NOT_MAPPED,
        c"part of the range is not mapped, or inaccessible",
    ),
    (STAYPUT_ERROR_BUSY, c"the value is exposed"),
    (
        STAYPUT_ERROR_INHERITED,
        c"the value belongs to the parent process",
    ),
    (STAYPUT_ERROR_SYSTEM, c"the system refused"),
    (STAYPUT_ERROR_PANIC, c"a defect in libstayput"),
    (
        STAYPUT_ERROR_NO_FILE,
        c"the lock was refused, and no file took its place",
    ),
];
