//! Where `crate::launch` has nothing behind it: every call is `Unsupported`.

use super::imp::unsupported;
use crate::contract::{Secure, Signal};
use std::ffi::{OsStr, c_char};
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

pub(crate) fn exec(_: &mut Command) -> io::Error {
    unsupported("exec")
}

pub(crate) fn name(_: &mut Command, _: &OsStr) {}

pub(crate) fn pass_on_ipc_lock() -> io::Result<()> {
    Err(unsupported("CAP_IPC_LOCK"))
}

pub(crate) fn starts_secure(_: &Path) -> io::Result<Option<Secure>> {
    Err(unsupported("AT_SECURE"))
}

pub(crate) fn pipe() -> io::Result<(File, File)> {
    Err(unsupported("an inherited pipe"))
}

pub(crate) fn number(_: &File) -> io::Result<i32> {
    Err(unsupported("an inherited pipe"))
}

pub(crate) fn closes(_: &File, _: Duration) -> io::Result<bool> {
    Err(unsupported("an inherited pipe"))
}

pub(crate) unsafe fn inherited(_: i32) -> io::Result<File> {
    Err(unsupported("an inherited pipe"))
}

/// There is none.
#[derive(Debug)]
pub(crate) struct Mask;

pub(crate) fn hold_signals() -> io::Result<Mask> {
    Err(unsupported("holding signals"))
}

pub(crate) fn wait_for_signal() -> io::Result<Signal> {
    Err(unsupported("waiting for signals"))
}

pub(crate) fn spawn(_: &Mask, _: &mut Command, _: &File) -> io::Result<Child> {
    Err(unsupported("starting a program under supervision"))
}

pub(crate) fn is_of_child(_: i32) -> bool {
    false
}

pub(crate) fn send(_: u32, _: i32) -> io::Result<()> {
    Err(unsupported("sending signals"))
}

pub(crate) fn ended_by(_: ExitStatus) -> Option<i32> {
    None
}

pub(crate) fn environment() -> *mut *mut c_char {
    std::ptr::null_mut()
}

pub(crate) fn runs_secure() -> bool {
    true
}

pub(crate) fn in_fork_children(_: extern "C" fn()) -> io::Result<()> {
    Err(unsupported("pthread_atfork"))
}
