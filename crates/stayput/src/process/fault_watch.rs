//! How many page faults a section takes.

use stayput_sys::residency::{Faults, FaultsOf, page_faults};
use std::io;
use std::marker::PhantomData;

/// Counts page faults from its start.
///
/// A locked page is not written to swap, but may still fault: the kernel moves
/// pages (compaction, NUMA balancing, `khugepaged`) and maps them anew on the
/// next touch. Such faults are minor.
///
/// ```
/// # if !std::path::Path::new("/proc/self/smaps").exists() || cfg!(windows) { return }
/// use stayput::process::FaultWatch;
///
/// let watch = FaultWatch::start().expect("Linux counts by thread");
/// let fresh = vec![1u8; 1 << 20];
/// assert!(watch.faults().expect("as before").minor > 0);
/// # drop(fresh);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct FaultWatch {
    of: FaultsOf,
    at_start: Faults,
    /// Not `Send`: another thread's count has nothing to do with this one's.
    here: PhantomData<*const ()>,
}

impl FaultWatch {
    /// Watches the calling thread.
    ///
    /// # Errors
    /// `Unsupported` where the platform does not count by thread.
    pub fn start() -> io::Result<Self> {
        Self::start_of(FaultsOf::Thread)
    }

    /// Watches all threads.
    ///
    /// # Errors
    /// `Unsupported` where the platform does not count.
    pub fn start_process() -> io::Result<Self> {
        Self::start_of(FaultsOf::Process)
    }

    /// Faults taken since the start.
    ///
    /// # Errors
    /// As [`FaultWatch::start`].
    pub fn faults(&self) -> io::Result<Faults> {
        let now = page_faults(self.of)?;
        Ok(Faults {
            minor: now.minor.saturating_sub(self.at_start.minor),
            major: now.major.saturating_sub(self.at_start.major),
        })
    }

    fn start_of(of: FaultsOf) -> io::Result<Self> {
        // Once before: the first call may fault its own code in.
        page_faults(of)?;
        Ok(Self {
            of,
            at_start: page_faults(of)?,
            here: PhantomData,
        })
    }
}
