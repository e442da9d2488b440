//! What `/proc` says about this process.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};

const SMAPS: &str = "/proc/self/smaps";
const STATUS: &str = "/proc/self/status";

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
    smaps: BufReader<File>,
    status: BufReader<File>,
    line: Vec<u8>,
    pub(crate) areas: Vec<Area>,
}

impl Proc {
    pub(crate) fn open() -> io::Result<Self> {
        Ok(Self {
            smaps: BufReader::new(File::open(SMAPS)?),
            status: BufReader::new(File::open(STATUS)?),
            line: Vec::with_capacity(4096),
            areas: Vec::with_capacity(512),
        })
    }

    /// Opens the files of a fork child; the buffers stay, so that nothing grows.
    pub(crate) fn reopen(&mut self) -> io::Result<()> {
        *self.smaps.get_mut() = File::open(SMAPS)?;
        *self.status.get_mut() = File::open(STATUS)?;
        Ok(())
    }

    /// Reads the mappings below `end` into `areas`. smaps is in order of address,
    /// so that a low `end` costs little.
    pub(crate) fn read_areas(&mut self, end: u64) -> io::Result<()> {
        self.smaps.seek(SeekFrom::Start(0))?;
        parse(&mut self.smaps, &mut self.line, &mut self.areas, end)
    }

    /// `total_vm` and `locked_vm` in bytes: `VmSize` and `VmLck`.
    pub(crate) fn sizes(&mut self) -> io::Result<(u64, u64)> {
        self.status.seek(SeekFrom::Start(0))?;
        Ok((self.field(b"VmSize:")?, self.field(b"VmLck:")?))
    }

    /// `VmLck` in bytes.
    pub(crate) fn locked(&mut self) -> io::Result<u64> {
        Ok(self.sizes()?.1)
    }

    /// The next line of that name in `status`, in bytes.
    fn field(&mut self, name: &[u8]) -> io::Result<u64> {
        while next_line(&mut self.status, &mut self.line)? {
            if let Some(value) = self.line.strip_prefix(name) {
                return Ok(number(value) * 1024);
            }
        }
        let name = String::from_utf8_lossy(name);
        Err(io::Error::other(format!("{STATUS} has no {name}")))
    }
}

/// Whether `CAP_IPC_LOCK` is in the effective set.
pub(crate) fn has_ipc_lock() -> io::Result<bool> {
    let status = std::fs::read_to_string(STATUS)?;
    let set = status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))
        .and_then(|set| u64::from_str_radix(set.trim(), 16).ok())
        .ok_or_else(|| io::Error::other("/proc/self/status has no CapEff"))?;
    Ok(set & (1 << 14) != 0)
}

/// An entry begins with its bounds and ends with its `VmFlags`.
fn parse(
    smaps: &mut impl BufRead,
    line: &mut Vec<u8>,
    areas: &mut Vec<Area>,
    end: u64,
) -> io::Result<()> {
    areas.clear();
    while next_line(smaps, line)? {
        if let Some(flags) = line.strip_prefix(b"VmFlags:") {
            if let Some(area) = areas.last_mut() {
                set_flags(area, flags);
            }
        } else if !line.first().is_some_and(u8::is_ascii_uppercase) {
            match header(line) {
                Some(area) if area.start < end => areas.push(area),
                _ => break,
            }
        }
    }
    Ok(())
}

/// False at the end.
fn next_line(file: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    Ok(file.read_until(b'\n', line)? > 0)
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
    for flag in flags.split(u8::is_ascii_whitespace) {
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
    fn entries_below_the_end_are_parsed() {
        let text = "00200000-00202000 rw-p 0 00:00 0 \nSize:  8 kB\nVmFlags: rd wr mr lo lf \n\
            00300000-00301000 r--p 0 00:00 0 [vvar]\nVmFlags: rd mr pf de\n\
            7fff0000-7fff1000 r--p 0 00:00 0 [vdso]\nVmFlags: rd mr de\n";
        let mut areas = Vec::new();
        let end = 0x7fff_0000;
        parse(&mut text.as_bytes(), &mut Vec::new(), &mut areas, end).expect("a slice is read");
        assert_eq!(areas.len(), 2);
        assert!(areas[0].locked && areas[0].on_fault && !areas[0].special);
        assert_eq!((areas[0].start, areas[0].end), (0x20_0000, 0x20_2000));
        assert!(areas[1].special && areas[1].readable && !areas[1].writable);
    }
}
