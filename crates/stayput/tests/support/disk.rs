//! A disk of one's own: an ext4 image in a loop device, mounted for one process alone.
//!
//! The mount lives in a namespace of the calling thread, and the kernel takes both away
//! with the process, however it ends. The image itself lies in memory: to sync it costs
//! nothing.
#![allow(dead_code, reason = "each test file uses what it needs")]

use super::residue::{TEXT, is_text};
use std::ffi::CString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) struct Disk {
    image: PathBuf,
    pub(crate) dir: PathBuf,
}

impl Disk {
    /// In the working directory, which is a process's own scratch; `None` and a word
    /// where this user may not mount.
    pub(crate) fn mount(test: &str, mebibytes: u64) -> Option<Self> {
        match Self::make(mebibytes) {
            Ok(disk) => Some(disk),
            Err(why) => {
                eprintln!("SKIPPED {test}: {why}");
                None
            }
        }
    }

    fn make(mebibytes: u64) -> Result<Self, String> {
        // SAFETY: only this thread's view of mounts changes.
        if unsafe { libc::unshare(libc::CLONE_NEWNS) } != 0 {
            return Err("needs a mount namespace of its own (root)".into());
        }
        let mount = || Command::new("mount");
        run(mount().args(["--make-rprivate", "/"]))?;
        let here = std::env::current_dir().expect("a directory");
        run(mount().args(["-t", "tmpfs", "memory"]).arg(&here))?;
        let disk = Self {
            image: here.join("image"),
            dir: here.join("mounted"),
        };
        fs::create_dir(&disk.dir).expect("one's own scratch");
        let image = File::create(&disk.image).expect("one's own scratch");
        image.set_len(mebibytes << 20).expect("room");
        run(Command::new("mkfs.ext4").arg("-q").arg(&disk.image))?;
        run(mount().args(["-o", "loop"]).arg(&disk.image).arg(&disk.dir))?;
        Ok(disk)
    }

    pub(crate) fn make_read_only(&self) {
        let mount = &mut Command::new("mount");
        run(mount.args(["-o", "remount,ro"]).arg(&self.dir)).expect("nothing is open");
    }

    /// Has the kernel write out what is dirty, as it would in time.
    pub(crate) fn settle(&self) {
        let dir = File::open(&self.dir).expect("mounted");
        // SAFETY: an open descriptor.
        let done = unsafe { libc::syncfs(std::os::fd::AsRawFd::as_raw_fd(&dir)) };
        assert_eq!(done, 0, "written");
    }

    /// How often the text of `seed` lies on the disk, in whatever block.
    pub(crate) fn found(&self, seed: u64) -> usize {
        const STEP: usize = 4096;
        let disk = fs::read(&self.image).expect("one's own scratch");
        let mut found = 0;
        for start in (0..disk.len()).step_by(STEP) {
            if disk[start..start + STEP] != [0; STEP] {
                let end = (start + STEP + TEXT - 1).min(disk.len());
                let windows = disk[start..end].windows(TEXT);
                found += windows.filter(|window| is_text(seed, window)).count();
            }
        }
        found
    }

    /// Bytes that a file could still take.
    #[allow(clippy::useless_conversion, reason = "32-bit systems count in u32")]
    pub(crate) fn free(&self) -> u64 {
        let path = CString::new(self.dir.as_os_str().as_encoded_bytes()).expect("no zero");
        // SAFETY: all-zero bytes are a valid statvfs, which is live to be filled.
        unsafe {
            let mut about: libc::statvfs = std::mem::zeroed();
            assert_eq!(libc::statvfs(path.as_ptr(), &mut about), 0);
            u64::from(about.f_bfree) * u64::from(about.f_frsize)
        }
    }

    /// Whether no name was left behind.
    pub(crate) fn is_empty(&self) -> bool {
        names(&self.dir).iter().all(|name| name == "lost+found")
    }
}

pub(crate) fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("readable");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("readable").file_name();
    entries
        .map(|entry| name(entry).into_string().expect("UTF-8"))
        .collect()
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    let said = || String::from_utf8_lossy(&output.stderr).trim().to_owned();
    output
        .status
        .success()
        .then_some(())
        .ok_or_else(|| format!("{command:?}: {}", said()))
}
