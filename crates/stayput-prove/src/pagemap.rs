//! What the kernel lists of the pages that hold a victim's markers
//! (`Documentation/admin-guide/mm/pagemap.rst`).

use crate::victim::Victim;
use anyhow::{Context, Result};
use stayput_sys::page_size;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

const PRESENT: u64 = 1 << 63;
const SWAPPED: u64 = 1 << 62;
/// The lowest 55 bits: the frame, or 0 for who may not know it.
const FRAME: u64 = (1 << 55) - 1;

/// A page of a victim.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    /// Address in the victim.
    pub(crate) address: u64,
    pub(crate) is_swapped: bool,
    /// Address in physical memory, where it is there and the caller may know.
    pub(crate) physical: Option<u64>,
}

impl Page {
    pub(crate) fn holds(&self, address: u64) -> bool {
        let end = self.address + page_size() as u64;
        (self.address..end).contains(&address)
    }
}

/// All pages with markers.
pub(crate) fn pages(victim: &Victim) -> Result<Vec<Page>> {
    let size = page_size() as u64;
    let mut pagemap = File::open(format!("/proc/{}/pagemap", victim.id()))?;
    let mut pages = Vec::new();
    for place in &victim.places {
        for number in place.start / size..(place.start + place.len).div_ceil(size) {
            let mut entry = [0; 8];
            pagemap.seek(SeekFrom::Start(number * 8))?;
            pagemap
                .read_exact(&mut entry)
                .context("reading a victim's pagemap")?;
            let entry = u64::from_ne_bytes(entry);
            let frame = (entry & PRESENT != 0).then_some(entry & FRAME);
            pages.push(Page {
                address: number * size,
                is_swapped: entry & SWAPPED != 0,
                physical: frame.filter(|&frame| frame != 0).map(|frame| frame * size),
            });
        }
    }
    Ok(pages)
}

/// How many of them are in swap.
pub(crate) fn swapped(victim: &Victim) -> Result<u64> {
    let pages = pages(victim)?;
    Ok(pages.iter().filter(|page| page.is_swapped).count() as u64)
}
