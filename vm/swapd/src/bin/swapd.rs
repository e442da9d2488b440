//! Serves a disk as a block device that may hold swap.
#![forbid(unsafe_code)]

use anyhow::Result;
use clap::Parser;
use stayput_swapd::cell::Transport;
use stayput_swapd::locking::Locking;
use stayput_swapd::store::Store;
use stayput_swapd::{nbd, ublk};
use std::path::PathBuf;

/// Serves a disk as a block device that may hold swap, until it is killed
///
/// Prints `ready DEVICE PID` once the device exists.
#[derive(Parser)]
struct Options {
    /// How requests come
    transport: Transport,
    /// How memory is locked
    locking: Locking,
    /// The disk behind
    disk: PathBuf,
}

fn main() -> Result<()> {
    let options = Options::parse();
    options.locking.enter()?;
    let store = Store::open(&options.disk)?;
    let ready = |device: &str| println!("ready {device} {}", std::process::id());
    match options.transport {
        Transport::Ublk => ublk::serve(store, ready),
        Transport::Nbd => nbd::serve(store, ready),
    }
}
