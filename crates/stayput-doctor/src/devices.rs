//! Swap areas, and what becomes of pages that are written to them.

use crate::machine::Machine;
use std::io;
use std::path::Path;

/// A swap area in use; sizes in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SwapArea {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) used: u64,
    pub(crate) keeps: Keeps,
}

/// How pages are kept, from safe to unsafe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Keeps {
    /// In memory: zram, a RAM disk.
    Memory,
    /// On a disk, encrypted (dm-crypt).
    Encrypted,
    /// On a disk as they are, as far as one can see: a disk that encrypts by
    /// itself looks the same.
    Plain,
}

impl Keeps {
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Encrypted => "encrypted",
            Self::Plain => "plain",
        }
    }
}

/// The areas of `/proc/swaps` (proc(5)).
pub(crate) fn swap_areas(machine: &Machine) -> io::Result<Vec<SwapArea>> {
    let swaps = machine.read("/proc/swaps")?;
    let areas = swaps.lines().skip(1).filter_map(|line| {
        let mut fields = line.split_whitespace();
        let name = unescape(fields.next()?);
        let kind = fields.next()?;
        let mut bytes = || Some(fields.next()?.parse::<u64>().ok()? * 1024);
        let (bytes, used) = (bytes()?, bytes()?);
        let keeps = match kind {
            "partition" => of_device(machine, &block_name(machine, &name), DEPTH),
            _ => of_file(machine, &name, DEPTH),
        };
        Some(SwapArea {
            name,
            bytes,
            used,
            keeps,
        })
    });
    Ok(areas.collect())
}

/// Devices below devices: more than anyone stacks, and an end to circles.
const DEPTH: u32 = 16;

/// Of the block device with this name in `/sys/class/block`.
fn of_device(machine: &Machine, name: &str, depth: u32) -> Keeps {
    let Some(depth) = depth.checked_sub(1) else {
        return Keeps::Plain;
    };
    let dir = format!("/sys/class/block/{name}");
    let uuid = machine.read(format!("{dir}/dm/uuid")).unwrap_or_default();
    if uuid.starts_with("CRYPT-") {
        return Keeps::Encrypted;
    }
    if name.starts_with("ram") {
        return Keeps::Memory;
    }
    if name.starts_with("zram") {
        // It may write pages back to a disk.
        let backing = machine.read(format!("{dir}/backing_dev"));
        return match backing.as_deref() {
            Ok("none") | Err(_) => Keeps::Memory,
            Ok(device) => of_device(machine, &block_name(machine, device), depth),
        };
    }
    if let Ok(file) = machine.read(format!("{dir}/loop/backing_file")) {
        return of_file(machine, &file, depth);
    }
    let below = machine.names(format!("{dir}/slaves"));
    let below = below.iter().map(|name| of_device(machine, name, depth));
    below.max().unwrap_or(Keeps::Plain)
}

/// Of the device that holds a file.
fn of_file(machine: &Machine, file: &str, depth: u32) -> Keeps {
    let mounts = machine.read("/proc/self/mountinfo").unwrap_or_default();
    let Some((number, source)) = mount_of(&mounts, file) else {
        return Keeps::Plain;
    };
    let names = machine.names("/sys/class/block");
    let by_number = names.iter().find(|name| {
        let dev = machine.read(format!("/sys/class/block/{name}/dev"));
        dev.is_ok_and(|dev| dev == number)
    });
    // File systems with several devices have a number of their own.
    match by_number {
        Some(name) => of_device(machine, name, depth),
        None => of_device(machine, &block_name(machine, &source), depth),
    }
}

/// Device number and source of the mount that holds a file: of those that fit,
/// the longest, and of these the last.
fn mount_of(mountinfo: &str, file: &str) -> Option<(String, String)> {
    let mounts = mountinfo.lines().filter_map(|line| {
        let (before, after) = line.split_once(" - ")?;
        let mut before = before.split(' ').skip(2);
        let (number, point) = (before.next()?, unescape(before.nth(1)?));
        let source = after.split(' ').nth(1)?;
        Path::new(file)
            .starts_with(&point)
            .then(|| (point.len(), number.to_owned(), unescape(source)))
    });
    let (_, number, source) = mounts.max_by_key(|(length, ..)| *length)?;
    Some((number, source))
}

/// `/dev/mapper/swap` is `dm-0`.
fn block_name(machine: &Machine, device: &str) -> String {
    let path = machine.resolve(device);
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// `\040` for a space, and so on.
fn unescape(field: &str) -> String {
    let mut parts = field.split('\\');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let octal = part.get(..3).and_then(|it| u8::from_str_radix(it, 8).ok());
        match octal {
            Some(byte) => {
                text.push(byte.into());
                text.push_str(&part[3..]);
            }
            None => {
                text.push('\\');
                text.push_str(part);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use tempfile::TempDir;

    /// A machine with these files.
    fn machine(files: &[(&str, &str)]) -> (TempDir, Machine) {
        let root = tempfile::tempdir().expect("a directory");
        // As a resolved path is.
        let path = fs::canonicalize(root.path()).expect("it exists");
        for (file, content) in files {
            let file = path.join(file);
            fs::create_dir_all(file.parent().expect("in the root")).expect("a directory");
            fs::write(file, content).expect("a file");
        }
        (root, Machine::at(&path))
    }

    /// How the one area in these lines keeps its pages.
    fn keeps(area: &str, files: &[(&str, &str)]) -> Keeps {
        let swaps = format!("Filename\tType\tSize\tUsed\tPriority\n{area}\n");
        let mut files = files.to_vec();
        files.push(("proc/swaps", &swaps));
        let (_root, machine) = machine(&files);
        let areas = swap_areas(&machine).expect("there is a list");
        assert_eq!(areas.len(), 1, "{areas:?}");
        areas[0].keeps
    }

    #[test]
    fn areas_are_listed_with_their_sizes() {
        let list = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n\
            /dev/sda2                               partition\t2097148\t\t4\t\t-2\n\
            /swap\\040file                           file\t\t1024\t\t0\t\t-3\n";
        let (_root, machine) = machine(&[("proc/swaps", list)]);
        let areas = swap_areas(&machine).expect("there is a list");
        let plain = |name: &str, bytes, used| SwapArea {
            name: name.into(),
            bytes,
            used,
            keeps: Keeps::Plain,
        };
        let (partition, file) = (
            plain("/dev/sda2", 2_097_148 * 1024, 4096),
            plain("/swap file", 1024 * 1024, 0),
        );
        assert_eq!(areas, [partition, file]);
    }

    #[test]
    fn dm_crypt_is_known_by_its_uuid() {
        let area = "/dev/dm-0 partition 4 0 -2";
        let uuid = "sys/class/block/dm-0/dm/uuid";
        assert_eq!(
            keeps(area, &[(uuid, "CRYPT-LUKS2-0123-swap\n")]),
            Keeps::Encrypted
        );
        assert_eq!(keeps(area, &[(uuid, "LVM-0123\n")]), Keeps::Plain);
    }

    #[test]
    fn a_volume_is_as_its_worst_part() {
        let area = "/dev/dm-1 partition 4 0 -2";
        let (volume, encrypted) = (
            ("sys/class/block/dm-1/dm/uuid", "LVM-0123\n"),
            ("sys/class/block/dm-0/dm/uuid", "CRYPT-LUKS2-0123-disk\n"),
        );
        let below = ("sys/class/block/dm-1/slaves/dm-0/x", "");
        assert_eq!(keeps(area, &[volume, encrypted, below]), Keeps::Encrypted);
        let plain = ("sys/class/block/dm-1/slaves/sda2/x", "");
        assert_eq!(
            keeps(area, &[volume, encrypted, below, plain]),
            Keeps::Plain
        );
    }

    #[test]
    fn zram_is_memory_unless_it_writes_back() {
        let area = "/dev/zram0 partition 4 0 100";
        let backing = "sys/class/block/zram0/backing_dev";
        assert_eq!(keeps(area, &[(backing, "none\n")]), Keeps::Memory);
        assert_eq!(keeps(area, &[(backing, "/dev/sda3\n")]), Keeps::Plain);
    }

    #[test]
    fn a_file_is_as_its_disk() {
        let area = "/var/swap file 4 0 -2";
        let mounts = "20 1 254:0 / / rw - ext4 /dev/vda rw\n\
            21 20 253:0 / /var rw - ext4 /dev/dm-0 rw\n\
            22 20 253:9 / /variant rw - ext4 /dev/dm-9 rw\n";
        let mounts = ("proc/self/mountinfo", mounts);
        let number = ("sys/class/block/dm-0/dev", "253:0\n");
        let uuid = ("sys/class/block/dm-0/dm/uuid", "CRYPT-PLAIN-var\n");
        assert_eq!(keeps(area, &[mounts, number, uuid]), Keeps::Encrypted);
        assert_eq!(keeps(area, &[mounts, number]), Keeps::Plain);
        let elsewhere = "/swap file 4 0 -2";
        assert_eq!(keeps(elsewhere, &[mounts, number, uuid]), Keeps::Plain);
    }

    #[test]
    fn a_file_on_several_devices_is_as_its_source() {
        let area = "/swap file 4 0 -2";
        let mounts = (
            "proc/self/mountinfo",
            "20 1 0:30 / / rw - btrfs /dev/dm-0 rw\n",
        );
        let uuid = ("sys/class/block/dm-0/dm/uuid", "CRYPT-LUKS2-0123-root\n");
        assert_eq!(keeps(area, &[mounts, uuid]), Keeps::Encrypted);
    }

    #[test]
    fn a_circle_ends() {
        let area = "/dev/zram0 partition 4 0 100";
        let backing = ("sys/class/block/zram0/backing_dev", "/dev/zram0\n");
        assert_eq!(keeps(area, &[backing]), Keeps::Plain);
    }

    #[test]
    fn escapes_are_bytes() {
        assert_eq!(unescape("/swap\\040file\\134x\\9"), "/swap file\\x\\9");
    }
}
