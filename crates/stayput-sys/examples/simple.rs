//! Locks a buffer, keeps it out of core dumps, wipes it and unlocks it again, and
//! prints what the kernel counts as locked (`VmLck`) at each step.
//!
//! ```text
//! cargo run -p stayput-sys --example simple
//! ```

use std::ffi::c_void;
use std::fs;
use std::io;

fn main() -> io::Result<()> {
    // A buffer of its own pages: locks work on whole pages, and other allocations
    // on the same page would be locked, and unlocked, with it.
    let page = stayput_sys::page_size();
    let mut buffer = vec![0u8; 5 * page];
    let padding = buffer.as_ptr().align_offset(page);
    let secret = &mut buffer[padding..][..4 * page];
    let (start, len) = (secret.as_mut_ptr().cast::<c_void>(), secret.len());

    report("before");
    // SAFETY: `secret` is borrowed until the end and so stays mapped; the pages
    // hold nothing else.
    if supported("mlock", unsafe { stayput_sys::mlock(start, len) })? {
        println!("locked {len} bytes");
    }
    report("locked");

    // SAFETY: as above.
    if supported("madvise_dontdump", unsafe {
        stayput_sys::madvise_dontdump(start, len)
    })? {
        println!("excluded {len} bytes from core dumps");
    }

    secret[..16].copy_from_slice(b"not a secret one");

    // SAFETY: `secret` is writable and no other reference to it is in use.
    unsafe { stayput_sys::wipe::wipe(start.cast(), len) };
    // SAFETY: as above, and nobody else counts on these pages being locked.
    supported("munlock", unsafe { stayput_sys::munlock(start, len) })?;
    report("after");
    Ok(())
}

/// Prints a missing call; every other error is the caller's.
fn supported(call: &str, answer: io::Result<()>) -> io::Result<bool> {
    match answer {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {
            println!("{call}: {error}");
            Ok(false)
        }
        Err(error) => Err(io::Error::new(error.kind(), format!("{call}: {error}"))),
    }
}

fn report(when: &str) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    match status.lines().find_map(|it| it.strip_prefix("VmLck:")) {
        Some(locked) => println!("VmLck {when}: {}", locked.trim()),
        None => println!("VmLck {when}: not told by this system"),
    }
}
