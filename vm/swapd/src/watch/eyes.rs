//! What the monitor looks at, opened before the load begins.

use super::load::Load;
use super::served::Served;
use super::stack::{Cause, functions};
use anyhow::{Context, Result};
use std::fs::{File, read_dir};
use std::os::unix::fs::FileExt;

/// What moves while something does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Progress {
    /// Requests that the device completed.
    pub(super) requests: u64,
    /// Requests that it was given and did not complete.
    pub(super) in_flight: u64,
    /// Page faults of the load.
    faults: u64,
}

/// A thread of the daemon.
#[derive(Debug)]
pub(super) struct Thread {
    pub(super) id: String,
    /// The letter that ps(1) shows; `?` once it is gone.
    pub(super) state: char,
    /// The kernel's functions that it is in, innermost first.
    pub(super) stack: Vec<String>,
}

/// What was seen at one look.
pub(super) struct Seen {
    pub(super) progress: Progress,
    pub(super) threads: Vec<Thread>,
    pub(super) locked_kib: u64,
    pub(super) swapped_kib: u64,
}

impl Seen {
    pub(super) fn daemon_is_gone(&self) -> bool {
        self.threads
            .iter()
            .all(|thread| matches!(thread.state, '?' | 'Z' | 'X'))
    }

    /// A thread that waits for its own device, and why.
    pub(super) fn blamed(&self) -> Option<(&Thread, Cause)> {
        let mut threads = self.threads.iter();
        threads.find_map(|thread| Some((thread, Cause::of(&thread.stack)?)))
    }
}

pub(super) struct Eyes {
    device: File,
    load: File,
    status: File,
    threads: Vec<(String, File, File)>,
    buffer: Vec<u8>,
}

impl Eyes {
    pub(super) fn open(served: &Served, load: &Load) -> Result<Self> {
        let daemon = format!("/proc/{}", served.daemon);
        let mut threads = Vec::new();
        for entry in read_dir(format!("{daemon}/task")).context("the daemon is gone")? {
            let path = entry?.path();
            let id = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            threads.push((
                id,
                File::open(path.join("stat"))?,
                File::open(path.join("stack"))?,
            ));
        }
        let mut eyes = Self {
            device: File::open(format!("/sys/block/{}/stat", served.disk()))?,
            load: File::open(format!("/proc/{}/stat", load.id()))?,
            status: File::open(format!("{daemon}/status"))?,
            threads,
            buffer: vec![0; 16 << 10],
        };
        eyes.look(); // now the kernel allocates its buffers
        Ok(eyes)
    }

    pub(super) fn look(&mut self) -> Seen {
        let mut read = |file: &File| {
            // A process that is gone gives an error, and has nothing to show.
            let length = file.read_at(&mut self.buffer, 0).unwrap_or(0);
            String::from_utf8_lossy(&self.buffer[..length]).into_owned()
        };
        let device = read(&self.device);
        let load = read(&self.load);
        let progress = Progress {
            requests: word(&device, 0) + word(&device, 4),
            in_flight: word(&device, 8),
            faults: word(after_name(&load), 7) + word(after_name(&load), 9),
        };
        let status = read(&self.status);
        let threads = self.threads.iter();
        let threads = threads.map(|(id, stat, stack)| Thread {
            id: id.clone(),
            state: after_name(&read(stat)).chars().next().unwrap_or('?'),
            stack: functions(&read(stack)),
        });
        Seen {
            progress,
            threads: threads.collect(),
            locked_kib: field(&status, "VmLck:"),
            swapped_kib: field(&status, "VmSwap:"),
        }
    }
}

/// proc_pid_stat(5) from its third field on: a name may hold anything.
fn after_name(stat: &str) -> &str {
    stat.rsplit_once(") ").map_or("", |(_, rest)| rest)
}

fn word(text: &str, index: usize) -> u64 {
    let word = text.split_whitespace().nth(index);
    word.and_then(|word| word.parse().ok()).unwrap_or(0)
}

fn field(status: &str, name: &str) -> u64 {
    let rest = status.lines().find_map(|line| line.strip_prefix(name));
    rest.map_or(0, |rest| word(rest, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_counted_behind_the_name() {
        let stat = "812 (a) b) D 1 812 1 0 -1 4194304 37 0 5 0 1 2 0 0 20 0 2 0";
        assert!(after_name(stat).starts_with("D 1 "));
        assert_eq!(word(after_name(stat), 7), 37);
        assert_eq!(word(after_name(stat), 9), 5);
        assert_eq!(field("VmLck:\t   512 kB\nVmSwap:\t 8 kB\n", "VmSwap:"), 8);
    }
}
