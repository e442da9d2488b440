//! What every request does, whatever brought it: look into the table, then read
//! or write the disk behind.

use anyhow::{Context, Result};
use memmap2::{Advice, MmapMut};
use std::fs::{File, OpenOptions};
use std::hint::black_box;
use std::io::{self, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

/// The table's size.
pub const TABLE_BYTES: usize = 48 << 20;

/// Pages of the table that each request touches.
const TOUCHES: usize = 32;

const PAGE: usize = 4096;

/// A disk behind a table of ordinary, pageable memory, as a server with an index
/// or a map of blocks has one.
pub struct Store {
    disk: File,
    bytes: u64,
    table: MmapMut,
    random: fastrand::Rng,
}

impl Store {
    /// Opens `disk` past the page cache, and fills the table.
    ///
    /// # Errors
    /// The system's: the disk can't be opened or sized, the table not be mapped.
    pub fn open(disk: &Path) -> Result<Self> {
        let at = || disk.display().to_string();
        let mut options = OpenOptions::new();
        options.read(true).write(true).custom_flags(libc::O_DIRECT);
        let mut disk = options.open(disk).with_context(at)?;
        let bytes = disk.seek(SeekFrom::End(0)).with_context(at)?;
        let mut table = MmapMut::map_anon(TABLE_BYTES).context("no memory for the table")?;
        // Page by page in and out: a huge page would be touched whole.
        table.advise(Advice::NoHugePage)?;
        let mut random = fastrand::Rng::with_seed(0x5AFE);
        random.fill(&mut table);
        Ok(Self {
            disk,
            bytes,
            table,
            random,
        })
    }

    /// The disk's size, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Reads into `buffer`, which must be aligned to 512 bytes.
    ///
    /// # Errors
    /// The disk's.
    pub fn read(&mut self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.look_up();
        self.disk.read_exact_at(buffer, offset)
    }

    /// Writes `buffer`, which must be aligned to 512 bytes.
    ///
    /// # Errors
    /// The disk's.
    pub fn write(&mut self, buffer: &[u8], offset: u64) -> io::Result<()> {
        self.look_up();
        self.disk.write_all_at(buffer, offset)
    }

    /// Waits until the disk has what was written.
    ///
    /// # Errors
    /// The disk's.
    pub fn flush(&self) -> io::Result<()> {
        self.disk.sync_data()
    }

    fn look_up(&mut self) {
        for _ in 0..TOUCHES {
            let page = self.random.usize(..self.table.len() / PAGE);
            let entry = &mut self.table[page * PAGE];
            *entry = black_box(entry.wrapping_add(1));
        }
    }
}
