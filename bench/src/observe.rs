//! What the kernel says: nothing here asks the library that is measured.

use anyhow::{Context, Result};
use procfs::process::{MMPermissions, Process, VmFlags};

/// `VmLck`, in bytes.
pub(crate) fn locked_bytes() -> Result<u64> {
    let status = Process::myself()?.status()?;
    Ok(status.vmlck.context("no VmLck in /proc/self/status")? * 1024)
}

/// Mappings of this process.
pub(crate) fn mappings() -> Result<usize> {
    Ok(Process::myself()?.maps()?.len())
}

/// Whether the mapping at this address may be neither read, written nor executed.
pub(crate) fn is_inaccessible(address: *const u8) -> Result<bool> {
    let maps = Process::myself()?.maps()?;
    let (address, any) = (
        address as u64,
        MMPermissions::READ | MMPermissions::WRITE | MMPermissions::EXECUTE,
    );
    let mapping = maps
        .iter()
        .find(|map| (map.address.0..map.address.1).contains(&address));
    Ok(!mapping
        .context("nothing is mapped there")?
        .perms
        .intersects(any))
}

/// The ranges that are locked. Whatever was written there is resident: with the flag for
/// locking on fault too, and written are all bytes that are asked about.
pub(crate) struct LockedRanges(Vec<(u64, u64)>);

impl LockedRanges {
    pub(crate) fn now() -> Result<Self> {
        let maps = Process::myself()?.smaps()?;
        let locked = maps
            .iter()
            .filter(|map| map.extension.vm_flags.contains(VmFlags::LO));
        Ok(Self(locked.map(|map| map.address).collect()))
    }

    /// Whether each of these bytes is locked. Several mappings may follow each other.
    pub(crate) fn hold(&self, start: *const u8, len: usize) -> bool {
        let mut at = start as u64;
        let end = at + len as u64;
        while at < end {
            let next = self.0.partition_point(|&(_, end)| end <= at);
            match self.0.get(next) {
                Some(&(start, end)) if start <= at => at = end,
                _ => return false,
            }
        }
        true
    }
}
