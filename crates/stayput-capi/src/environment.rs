//! The environment that the program and its children find.
//!
//! It is changed where it lies, without the C library's functions: `setenv` would
//! move it, while `main` gets the old one as its third argument; and some programs
//! (bash) put their own `unsetenv` in the library's place.

use stayput::process::preload::{Orders, VARIABLE};
use stayput_sys::launch::environment;
use std::ffi::{CStr, c_char};
use std::slice;

const PRELOAD: &str = "LD_PRELOAD";

/// Takes the library and its orders out of the environment; where children follow,
/// leaves the library and puts `for_children` in the orders' place.
///
/// # Safety
/// No other thread runs, and nothing keeps a reference into the environment.
pub(crate) unsafe fn leave(for_children: Option<&Orders>) {
    let (name, shorter): (_, Shorter<'_>) = match for_children {
        Some(orders) => (VARIABLE, &|_| Some(orders.to_string().into_bytes())),
        None => (PRELOAD, &rest),
    };
    // SAFETY: the caller's promise is the same.
    unsafe {
        edit(name, shorter);
        if for_children.is_none() {
            edit(VARIABLE, &|_| None);
        }
    }
}

/// A shorter value for a value, or none at all.
type Shorter<'a> = &'a dyn Fn(&[u8]) -> Option<Vec<u8>>;

/// The list without its first entry, which is this library; `None` if nothing is
/// left. Entries are separated by colons or spaces (ld.so(8)).
fn rest(list: &[u8]) -> Option<Vec<u8>> {
    let end = list.iter().position(|byte| b": ".contains(byte))?;
    Some(list[end + 1..].to_vec()).filter(|rest| !rest.is_empty())
}

/// Changes a variable's value, or removes the variable.
///
/// # Safety
/// As for [`leave`].
unsafe fn edit(name: &str, shorter: Shorter<'_>) {
    let mut place = environment();
    while !place.is_null() {
        // SAFETY: within the list, whose end is the null found just below; the caller
        // answers for everybody else.
        let variable = unsafe { *place };
        if variable.is_null() {
            return;
        }
        // SAFETY: a string of the list, which lies on the writable stack.
        if unsafe { shorten(variable, name, shorter) } == Outcome::Remove {
            // SAFETY: as above; the entry goes, the next has come to its place.
            unsafe { close_gap(place) };
        } else {
            // SAFETY: this entry was not the last.
            place = unsafe { place.add(1) };
        }
    }
}

#[derive(PartialEq, Eq)]
enum Outcome {
    Keep,
    Remove,
}

/// # Safety
/// `variable` is a string that ends in NUL and may be written.
unsafe fn shorten(variable: *mut c_char, name: &str, shorter: Shorter<'_>) -> Outcome {
    // SAFETY: the caller's promise.
    let length = unsafe { CStr::from_ptr(variable) }.count_bytes();
    // SAFETY: the string and its NUL, which nobody else refers to meanwhile.
    let text = unsafe { slice::from_raw_parts_mut(variable.cast::<u8>(), length + 1) };
    let start = name.len() + 1;
    if !text.starts_with(name.as_bytes()) || text.get(name.len()) != Some(&b'=') {
        return Outcome::Keep;
    }
    match shorter(&text[start..length]) {
        Some(new) if start + new.len() <= length => {
            text[start..start + new.len()].copy_from_slice(&new);
            text[start + new.len()] = 0;
            Outcome::Keep
        }
        _ => Outcome::Remove,
    }
}

/// # Safety
/// `place` points to an entry of a list that ends in null.
unsafe fn close_gap(mut place: *mut *mut c_char) {
    // SAFETY: moves each later entry, the null included, one place forward.
    unsafe {
        while !(*place).is_null() {
            *place = *place.add(1);
            place = place.add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::rest;

    #[test]
    fn other_libraries_stay() {
        assert_eq!(rest(b"/ours.so"), None);
        assert_eq!(rest(b"/ours.so:"), None);
        let left = rest(b"/ours.so:/b.so /c.so");
        assert_eq!(left.as_deref(), Some(&b"/b.so /c.so"[..]));
    }
}
