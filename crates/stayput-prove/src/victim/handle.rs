//! The victim as the experiments see it.

use super::{Answer, ROLE, Request};
use crate::complain::complain;
use crate::look::{Look, Place};
use crate::marker::{MARKER_BYTES, Marker, Seed};
use crate::os;
use crate::storage::Storage;
use anyhow::{Context, Result, bail, ensure};
use stayput::inspect::{self, Flag, Mapping, Process};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

/// A victim; dropping it ends the process.
pub(crate) struct Victim {
    pub(crate) storage: Storage,
    pub(crate) marker: Marker,
    /// Empty until it holds something.
    pub(crate) places: Vec<Place>,
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Victim {
    /// Starts a victim that works in `dir` and holds nothing yet.
    pub(crate) fn start(storage: Storage, seed: Seed, dir: &Path) -> Result<Self> {
        let mut command = Command::new("/proc/self/exe");
        command
            .args([ROLE, storage.id(), &seed.to_string()])
            .current_dir(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        os::tie_to_parent(&mut command);
        let mut child = command.spawn().context("starting a victim")?;
        let (requests, answers) = (child.stdin.take(), child.stdout.take());
        Ok(Self {
            storage,
            marker: Marker::new(seed, storage.id()),
            places: Vec::new(),
            child,
            requests: requests.context("the victim has no input")?,
            answers: BufReader::new(answers.context("the victim has no output")?),
        })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Has it fill its storage. `Err` inside: the storage can't be had here.
    pub(crate) fn hold(&mut self) -> Result<Result<(), String>> {
        match self.ask(Request::Hold)? {
            Answer::Held(places) => {
                self.places = places;
                self.ensure_held()?;
                Ok(Ok(()))
            }
            Answer::Refused(why) => Ok(Err(why)),
            other => self.misunderstood(&other),
        }
    }

    /// Fails unless the markers are where they should be: not finding what was
    /// never there would prove nothing.
    pub(crate) fn ensure_held(&mut self) -> Result<()> {
        let (seen, held) = (self.count()?, self.markers());
        // Inaccessible by design; it is a control, and so must be found anyway.
        let hidden = self.storage == Storage::ProtNone;
        let storage = self.storage.title();
        ensure!(
            hidden || seen == held,
            "{storage}: the victim sees {seen} of the {held} markers it holds"
        );
        Ok(())
    }

    /// How many markers it finds in what it holds.
    pub(crate) fn count(&mut self) -> Result<u64> {
        match self.ask(Request::Count)? {
            Answer::Counted(markers) => Ok(markers),
            other => self.misunderstood(&other),
        }
    }

    /// What it sees itself at its places.
    pub(crate) fn look(&mut self) -> Result<Look> {
        match self.ask(Request::Look)? {
            Answer::Seen(look) => Ok(look),
            other => self.misunderstood(&other),
        }
    }

    /// What a fork child of it sees there.
    pub(crate) fn look_in_fork_child(&mut self) -> Result<Look> {
        match self.ask(Request::LookInForkChild)? {
            Answer::Seen(look) => Ok(look),
            other => self.misunderstood(&other),
        }
    }

    /// Has it ask for its pages to be written to swap; the kernel's error, if any.
    pub(crate) fn page_out(&mut self) -> Result<Option<String>> {
        match self.ask(Request::PageOut)? {
            Answer::PagedOut(error) => Ok(error),
            other => self.misunderstood(&other),
        }
    }

    /// Has it drop what it holds.
    pub(crate) fn release(&mut self) -> Result<()> {
        match self.ask(Request::Release)? {
            Answer::Released => Ok(()),
            other => self.misunderstood(&other),
        }
    }

    /// Has its pool give unused pages back to the system; so many bytes.
    pub(crate) fn trim(&mut self) -> Result<usize> {
        match self.ask(Request::Trim)? {
            Answer::Trimmed(bytes) => Ok(bytes),
            other => self.misunderstood(&other),
        }
    }

    /// Has it abort, and waits for the end.
    pub(crate) fn abort(mut self) -> Result<ExitStatus> {
        self.send(Request::Abort)?;
        self.child.wait().context("waiting for the victim's end")
    }

    /// How many markers it holds.
    pub(crate) fn markers(&self) -> u64 {
        let bytes: u64 = self.places.iter().map(|place| place.len).sum();
        bytes / MARKER_BYTES as u64
    }

    /// The flags that all mappings with its markers have, in the kernel's letters.
    pub(crate) fn flags(&self) -> Result<String> {
        let mut mappings =
            inspect::mappings(Process::Id(self.id())).context("reading the victim's mappings")?;
        mappings.retain(|mapping| self.holds_markers(mapping));
        let common = FLAGS.iter().filter(|(flag, _)| {
            !mappings.is_empty() && mappings.iter().all(|mapping| mapping.has(*flag))
        });
        let letters: Vec<_> = common.map(|&(_, letters)| letters).collect();
        Ok(letters.join(" "))
    }

    fn holds_markers(&self, mapping: &Mapping) -> bool {
        let inside =
            |place: &Place| place.start < mapping.end && mapping.start < place.start + place.len;
        self.places.iter().any(inside)
    }

    fn ask(&mut self, request: Request) -> Result<Answer> {
        self.send(request)?;
        let mut line = String::new();
        let read = self.answers.read_line(&mut line);
        if read.context("reading a victim's answer")? == 0 {
            let status = self.child.wait()?;
            let storage = self.storage.id();
            bail!("the victim with {storage} ended at the request to {request:?}: {status}");
        }
        serde_json::from_str(&line).context("understanding a victim's answer")
    }

    fn send(&mut self, request: Request) -> Result<()> {
        let mut line = serde_json::to_string(&request)?;
        line.push('\n');
        let sent = self.requests.write_all(line.as_bytes());
        sent.with_context(|| format!("asking the victim with {}", self.storage.id()))
    }

    fn misunderstood<T>(&self, answer: &Answer) -> Result<T> {
        bail!(
            "the victim with {} answered beside the point: {answer:?}",
            self.storage.id()
        )
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        // Fails only for a process that has been waited for.
        if self.child.kill().and_then(|()| self.child.wait()).is_err() {
            complain(format_args!("stayput-prove: a victim could not be ended"));
        }
    }
}

const FLAGS: [(Flag, &str); 8] = [
    (Flag::Readable, "rd"),
    (Flag::Writable, "wr"),
    (Flag::Locked, "lo"),
    (Flag::LockedOnFault, "lf"),
    (Flag::DontDump, "dd"),
    (Flag::WipeOnFork, "wf"),
    (Flag::DontFork, "dc"),
    (Flag::Mergeable, "mg"),
];
