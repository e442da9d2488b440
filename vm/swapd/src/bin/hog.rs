//! Uses more memory than there is, and checks that it comes back as it was.
#![forbid(unsafe_code)]

use anyhow::{Result, ensure};
use clap::Parser;
use memmap2::{Advice, MmapMut};

const PAGE: usize = 4096;

/// Uses more memory than there is, and checks that it comes back as it was
#[derive(Parser)]
struct Options {
    /// Memory to use, in MiB
    mib: usize,
    /// How often to go through it
    passes: u8,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let mut memory = MmapMut::map_anon(options.mib << 20)?;
    memory.advise(Advice::NoHugePage)?;
    for (number, page) in memory.chunks_exact_mut(PAGE).enumerate() {
        page[..8].copy_from_slice(&number.to_ne_bytes());
    }
    for pass in 1..options.passes {
        for (number, page) in memory.chunks_exact_mut(PAGE).enumerate() {
            ensure!(
                page[..8] == number.to_ne_bytes(),
                "page {number} came back changed"
            );
            page[8] = pass; // dirty: it must be written again
        }
    }
    Ok(())
}
