//! What stayput offers to C, called as C calls it: by name, in the shared library.

use super::{Held, count};
use crate::look::Place;
use crate::marker::Marker;
use anyhow::{Context, Result, bail};
use libloading::Library;
use std::env::{self, consts};
use std::ffi::{CStr, OsString, c_char, c_void};
use std::io;
use std::path::Path;
use std::ptr::NonNull;

type Alloc = unsafe extern "C" fn(usize) -> *mut c_void;
type Free = unsafe extern "C" fn(*mut c_void, usize);
type LastErrorText = unsafe extern "C" fn() -> *const c_char;

/// Memory from `alloc_secure_memory`.
pub(super) struct Allocated {
    start: NonNull<u8>,
    len: usize,
    free: Free,
}

impl Allocated {
    pub(super) fn filled(len: usize, marker: Marker) -> Result<Self> {
        let library = library()?;
        // SAFETY: the types are those of stayput.h.
        let (alloc, free, text) = unsafe {
            (
                *library.get::<Alloc>(b"alloc_secure_memory")?,
                *library.get::<Free>(b"free_secure_memory")?,
                *library.get::<LastErrorText>(b"stayput_last_error_text")?,
            )
        };
        // SAFETY: no preconditions.
        let Some(start) = NonNull::new(unsafe { alloc(len) }.cast::<u8>()) else {
            let errno = io::Error::last_os_error();
            // SAFETY: text that ends in NUL, until the next failure in this thread.
            let text = unsafe { CStr::from_ptr(text()) }.to_string_lossy();
            bail!("alloc_secure_memory: {errno}: {text}");
        };
        let allocated = Self { start, len, free };
        // SAFETY: the library has handed out `len` bytes, zero, to us alone.
        marker.fill(unsafe { std::slice::from_raw_parts_mut(start.as_ptr(), len) });
        Ok(allocated)
    }
}

impl Held for Allocated {
    fn places(&self) -> Vec<Place> {
        vec![Place {
            start: self.start.as_ptr().expose_provenance() as u64,
            len: self.len as u64,
        }]
    }

    fn markers(&self, marker: Marker) -> Result<u64> {
        // SAFETY: `len` bytes that are ours, and nobody writes meanwhile.
        let bytes = unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) };
        Ok(count(bytes, marker))
    }
}

impl Drop for Allocated {
    fn drop(&mut self) {
        // SAFETY: allocated with this size, and given up here; the library stays.
        unsafe { (self.free)(self.start.as_ptr().cast(), self.len) };
    }
}

/// Names another library, as for `stayput run`.
const OVERRIDE: &str = "STAYPUT_PRELOAD";

/// The library: what `STAYPUT_PRELOAD` names, else beside this program, else where
/// it is installed. It stays for the rest of the process.
fn library() -> Result<&'static Library> {
    let named = env::var_os(OVERRIDE).filter(|path| !path.is_empty());
    let path = named.map_or_else(find, Ok)?;
    // SAFETY: the library's constructor acts on one variable only, which is not set
    // here.
    let library = unsafe { Library::new(&path) };
    let library = library.with_context(|| {
        format!(
            "{} is not there: build or install it, or name it in {OVERRIDE}",
            path.to_string_lossy()
        )
    })?;
    Ok(Box::leak(Box::new(library)))
}

fn find() -> Result<OsString> {
    let file = |name| format!("{}{name}{}", consts::DLL_PREFIX, consts::DLL_SUFFIX);
    let program = env::current_exe()?;
    let beside = program.parent().unwrap_or(Path::new("/"));
    // As cargo names it, and as it is installed.
    let names = ["stayput_capi", "stayput"].map(file);
    let directories = [beside.to_owned(), beside.join("../lib")];
    let mut places = directories
        .iter()
        .flat_map(|directory| names.iter().map(|name| directory.join(name)));
    let found = places.find(|place| place.is_file());
    // Otherwise the loader looks for it.
    Ok(found.map_or_else(|| file("stayput").into(), Into::into))
}
