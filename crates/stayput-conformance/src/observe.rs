//! What `/proc` says about this process.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// One mapping of `/proc/self/smaps`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) readable: bool,
    pub(crate) writable: bool,
    /// `lo`.
    pub(crate) locked: bool,
    /// `lf`.
    pub(crate) on_fault: bool,
    /// `io`, `pf`, `de` or `mm`: of the kernel's own.
    pub(crate) special: bool,
}

/// Open files of `/proc/self`, read again and again. They belong to the address
/// space that opened them: open anew after fork.
#[derive(Debug)]
pub(crate) struct Proc {
    smaps: File,
    status: File,
    statm: File,
    text: Vec<u8>,
    pub(crate) areas: Vec<Area>,
}

impl Proc {
    pub(crate) fn open() -> io::Result<Self> {
        Ok(Self {
            smaps: File::open("/proc/self/smaps")?,
            status: File::open("/proc/self/status")?,
            statm: File::open("/proc/self/statm")?,
            text: Vec::with_capacity(128 << 10),
            areas: Vec::with_capacity(512),
        })
    }

    /// Opens the files of a fork child; the buffers stay, so that nothing grows.
    pub(crate) fn reopen(&mut self) -> io::Result<()> {
        self.smaps = File::open("/proc/self/smaps")?;
        self.status = File::open("/proc/self/status")?;
        self.statm = File::open("/proc/self/statm")?;
        Ok(())
    }

    /// Reads the mappings below `end` into `areas`. smaps is in order of address,
    /// so that a low `end` costs little.
    pub(crate) fn read_areas(&mut self, end: u64) -> io::Result<()> {
        self.smaps.seek(SeekFrom::Start(0))?;
        self.text.clear();
        self.areas.clear();
        let mut parsed = 0;
        loop {
            let before = self.text.len();
            self.text.resize(before + 8192, 0);
            let got = self.smaps.read(&mut self.text[before..])?;
            self.text.truncate(before + got);
            parsed += parse(&self.text[parsed..], &mut self.areas);
            let past = self.areas.last().is_some_and(|area| area.start >= end);
            if got == 0 || past {
                break;
            }
        }
        self.areas.retain(|area| area.start < end);
        Ok(())
    }

    /// `VmLck` in bytes.
    pub(crate) fn locked(&mut self) -> io::Result<u64> {
        let mut text = [0; 4096];
        self.status.seek(SeekFrom::Start(0))?;
        let got = self.status.read(&mut text)?;
        let line = text[..got]
            .split(|byte| *byte == b'\n')
            .find_map(|line| line.strip_prefix(b"VmLck:"))
            .ok_or_else(|| io::Error::other("/proc/self/status has no VmLck"))?;
        Ok(number(line) * 1024)
    }

    /// `total_vm` in pages.
    pub(crate) fn total(&mut self) -> io::Result<u64> {
        let mut text = [0; 128];
        self.statm.seek(SeekFrom::Start(0))?;
        let got = self.statm.read(&mut text)?;
        Ok(number(&text[..got]))
    }
}

/// Whether `CAP_IPC_LOCK` is in the effective set.
pub(crate) fn has_ipc_lock() -> io::Result<bool> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let set = status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))
        .and_then(|set| u64::from_str_radix(set.trim(), 16).ok())
        .ok_or_else(|| io::Error::other("/proc/self/status has no CapEff"))?;
    Ok(set & (1 << 14) != 0)
}

/// Parses whole entries (an entry ends with its `VmFlags` line); tells how many
/// bytes they took.
fn parse(text: &[u8], areas: &mut Vec<Area>) -> usize {
    let mut taken = 0;
    let mut at = 0;
    let mut open: Option<Area> = None;
    while let Some(len) = text[at..].iter().position(|byte| *byte == b'\n') {
        let line = &text[at..at + len];
        at += len + 1;
        if let Some(flags) = line.strip_prefix(b"VmFlags:") {
            if let Some(mut area) = open.take() {
                set_flags(&mut area, flags);
                areas.push(area);
                taken = at;
            }
        } else if !line.first().is_some_and(u8::is_ascii_uppercase) {
            open = header(line);
        }
    }
    taken
}

fn header(line: &[u8]) -> Option<Area> {
    let dash = line.iter().position(|byte| *byte == b'-')?;
    let space = line.iter().position(|byte| *byte == b' ')?;
    Some(Area {
        start: hex(&line[..dash]),
        end: hex(&line[dash + 1..space]),
        readable: line.get(space + 1) == Some(&b'r'),
        writable: line.get(space + 2) == Some(&b'w'),
        locked: false,
        on_fault: false,
        special: false,
    })
}

fn set_flags(area: &mut Area, flags: &[u8]) {
    for flag in flags.split(|byte| *byte == b' ') {
        match flag {
            b"lo" => area.locked = true,
            b"lf" => area.on_fault = true,
            b"io" | b"pf" | b"de" | b"mm" => area.special = true,
            _ => {}
        }
    }
}

fn hex(digits: &[u8]) -> u64 {
    let text = std::str::from_utf8(digits).unwrap_or_default();
    u64::from_str_radix(text, 16).unwrap_or_default()
}

/// The first decimal number in a line.
fn number(line: &[u8]) -> u64 {
    line.iter()
        .skip_while(|byte| !byte.is_ascii_digit())
        .take_while(|byte| byte.is_ascii_digit())
        .fold(0, |sum, byte| sum * 10 + u64::from(byte - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_parsed_across_reads() {
        let text =
            b"00200000-00202000 rw-p 00000000 00:00 0 \nSize:  8 kB\nVmFlags: rd wr mr lo lf \n\
            7fff0000-7fff1000 r--p 0 00:00 0 [vvar]\nVmFlags: rd mr pf de ";
        let mut areas = Vec::new();
        let taken = parse(text, &mut areas);
        assert_eq!(areas.len(), 1, "the second entry is not whole yet");
        assert!(areas[0].locked && areas[0].on_fault && !areas[0].special);
        assert_eq!((areas[0].start, areas[0].end), (0x20_0000, 0x20_2000));
        let rest = [&text[taken..], b"\n"].concat();
        parse(&rest, &mut areas);
        assert!(areas[1].special && areas[1].readable && !areas[1].writable);
    }
}
