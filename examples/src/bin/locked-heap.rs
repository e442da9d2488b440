//! A whole program in locked memory: nothing in it but the allocator knows of secrets.
//!
//! ```sh
//! printf 'alice hunter2\nbob correct horse\n' | locked-heap
//! ```
//!
//! Each line is a name and a password; it counts those of each length.
#![forbid(unsafe_code)]

use anyhow::{Context, Result};
use stayput::LockedHeap;
use stayput_examples::careless_copy;
use std::collections::BTreeMap;
use std::hint::black_box;

#[global_allocator]
static HEAP: LockedHeap = LockedHeap::new();

fn main() -> Result<()> {
    let mut passwords: BTreeMap<String, String> = BTreeMap::new();
    let mut copy = [0; 128];
    for line in std::io::stdin().lines() {
        let line = line?;
        let (name, password) = line.split_once(' ').context("expected NAME PASSWORD")?;
        copy = careless_copy(password.as_bytes());
        passwords.insert(name.to_owned(), password.to_owned());
        let mut lengths: BTreeMap<usize, usize> = BTreeMap::new();
        for password in passwords.values() {
            *lengths.entry(password.len()).or_default() += 1;
        }
        println!("lengths {lengths:?}, {} bytes locked", HEAP.stats().locked);
    }
    black_box(&copy);
    Ok(())
}
