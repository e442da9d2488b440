//! What a program's file says about how it is loaded.

use anyhow::{Context, Result};
use object::read::elf::{ElfFile, FileHeader, ProgramHeader};
use object::{Architecture, Endianness, File, Object, ReadCache, ReadRef};
use std::path::Path;

/// Of an ELF file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Elf {
    pub(super) machine: Machine,
    pub(super) linked: Linked,
}

/// What it runs on: a process has one of these only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Machine {
    architecture: Architecture,
    is_64: bool,
    endianness: Endianness,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Linked {
    /// By a loader, which brings libraries in.
    Dynamically,
    /// Whole: nothing can be brought in.
    Statically,
}

impl Elf {
    /// Reads the headers; no more of the file.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let file =
            std::fs::File::open(path).with_context(|| format!("reading {}", path.display()))?;
        let cache = ReadCache::new(file);
        let object = File::parse(&cache)
            .with_context(|| format!("{}: expected an ELF program or a script", path.display()))?;
        let has_loader = match &object {
            File::Elf32(elf) => has_loader(elf),
            File::Elf64(elf) => has_loader(elf),
            _ => false,
        };
        Ok(Self {
            machine: Machine {
                architecture: object.architecture(),
                is_64: object.is_64(),
                endianness: object.endianness(),
            },
            linked: if has_loader {
                Linked::Dynamically
            } else {
                Linked::Statically
            },
        })
    }
}

fn has_loader<'data, Header, Data>(elf: &ElfFile<'data, Header, Data>) -> bool
where
    Header: FileHeader,
    Data: ReadRef<'data>,
{
    let segments = elf.elf_program_headers().iter();
    let mut loaders =
        segments.map(|segment| segment.p_type(elf.endian()) == object::elf::PT_INTERP);
    loaders.any(|is_loader| is_loader)
}

impl std::fmt::Display for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bits = if self.is_64 { 64 } else { 32 };
        write!(f, "{:?}, {bits} bits", self.architecture)
    }
}
