//! The process that holds the secrets: its side, and the experiments' side.
//!
//! It reads a line with the seed, makes all rows, says where they are, and then
//! does what it is told, one word a line.

use crate::expectation::Storage;
use crate::helper;
use crate::janitor::{Janitor, Litter};
use crate::marker::{LEN, Seed};
use crate::rows::Row;
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

pub(crate) const ROLE: &str = "victim";

/// Where a row's memory lies in the victim, or why it has none.
pub(crate) type Place = Result<Vec<(usize, usize)>, String>;

/// The experiments' side.
pub(crate) struct Victim {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    places: BTreeMap<usize, Place>,
}

impl Victim {
    /// Starts one in directory `dir` and lets `prepare` see its number before
    /// it holds anything.
    pub(crate) fn start(
        seed: Seed,
        dir: &Path,
        janitor: &Janitor,
        prepare: impl FnOnce(u32) -> io::Result<()>,
    ) -> io::Result<Self> {
        let mut child = helper::command(ROLE)?
            .current_dir(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        janitor.register(&Litter::Process(child.id()))?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (Some(input), Some(output)) = (input, output) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        let output = BufReader::new(output);
        let mut victim = Self {
            child,
            input,
            output,
            places: BTreeMap::new(),
        };
        prepare(victim.id())?;
        for line in victim.tell(&seed.to_hex())? {
            let (row, place) = parse_place(&line).ok_or_else(|| unexpected(&line))?;
            victim.places.insert(row, place);
        }
        Ok(victim)
    }

    /// Its process number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Where a row's memory lies.
    pub(crate) fn place(&self, storage: Storage) -> Place {
        match self.places.get(&storage.index()) {
            Some(place) => place.clone(),
            None => Err("the row was not made".into()),
        }
    }

    /// Has it do something; what it says about that.
    pub(crate) fn tell(&mut self, word: &str) -> io::Result<Vec<String>> {
        writeln!(self.input, "{word}")?;
        self.input.flush()?;
        let mut said = Vec::new();
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line)? == 0 {
                return Err(io::Error::other(format!("the victim ended at {word:?}")));
            }
            match line.trim_end() {
                DONE => return Ok(said),
                line => said.push(line.to_owned()),
            }
        }
    }

    /// Has it abort, and waits for that.
    pub(crate) fn abort(&mut self) -> io::Result<()> {
        writeln!(self.input, "abort")?;
        self.input.flush()?;
        self.child.wait().map(drop)
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const DONE: &str = "done";

/// The victim's process.
pub(crate) fn main() -> io::Result<()> {
    // It holds secrets: it goes when the experiments do.
    // SAFETY: takes integers only.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    let mut lines = io::stdin().lock().lines();
    let Some(seed) = lines.next().transpose()? else {
        return Ok(());
    };
    let seed = Seed::from_hex(&seed).ok_or_else(|| unexpected(&seed))?;
    let mut rows = Vec::new();
    for storage in Storage::ALL {
        match Row::make(storage, seed) {
            Ok(row) => {
                println!("{} at{}", storage.index(), spell(&row.pieces));
                rows.push(row);
            }
            Err(error) => println!("{} not {error}", storage.index()),
        }
    }
    println!("{DONE}");
    for line in lines {
        match line?.as_str() {
            "page out" => rows.iter().for_each(Row::page_out),
            "fork" => fork(seed, &rows)?,
            "drop" => rows.drain(..).for_each(Row::give_up),
            "abort" => {
                allow_core()?;
                std::process::abort();
            }
            other => return Err(unexpected(other)),
        }
        println!("{DONE}");
    }
    Ok(())
}

/// Has a child look at every row, by a system call that reports a fault instead
/// of taking one.
fn fork(seed: Seed, rows: &[Row]) -> io::Result<()> {
    io::stdout().flush()?;
    // SAFETY: this process has one thread; the child leaves by `_exit`.
    match unsafe { libc::fork() } {
        0 => {
            for row in rows {
                let seen = row
                    .pieces
                    .iter()
                    .map(|&(start, _)| look(seed, row.storage, start));
                println!(
                    "{} {}",
                    row.storage.index(),
                    seen.max().unwrap_or(Seen::Zeros).word()
                );
            }
            let flushed = io::stdout().flush().is_ok();
            // SAFETY: ends the child without the parent's destructors.
            unsafe { libc::_exit(i32::from(!flushed)) }
        }
        child if child > 0 => {
            let mut status = 0;
            // SAFETY: the child is ours, `status` is live.
            unsafe { libc::waitpid(child, &mut status, 0) };
            Ok(())
        }
        _ => Err(io::Error::last_os_error()),
    }
}

/// What a reader finds; the worst last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Seen {
    Zeros,
    Fault,
    Other,
    Marker,
}

impl Seen {
    fn word(self) -> &'static str {
        match self {
            Self::Zeros => "zeros",
            Self::Fault => "EFAULT",
            Self::Other => "other",
            Self::Marker => "marker",
        }
    }
}

fn look(seed: Seed, storage: Storage, start: usize) -> Seen {
    let mut pipe = [0; 2];
    let mut bytes = [0u8; LEN];
    // SAFETY: `pipe` and `bytes` are live; the kernel checks `start` itself and
    // answers EFAULT where nothing is mapped.
    let copied = unsafe {
        if libc::pipe(pipe.as_mut_ptr()) != 0 {
            return Seen::Other;
        }
        let written = libc::write(pipe[1], std::ptr::with_exposed_provenance(start), LEN);
        let copied = written > 0 && libc::read(pipe[0], bytes.as_mut_ptr().cast(), LEN) > 0;
        libc::close(pipe[0]);
        libc::close(pipe[1]);
        copied
    };
    if !copied {
        Seen::Fault
    } else if bytes == [0; LEN] {
        Seen::Zeros
    } else if seed.starts(storage.index(), &bytes) {
        Seen::Marker
    } else {
        Seen::Other
    }
}

fn allow_core() -> io::Result<()> {
    use stayput_sys::limits::{Limit, Resource, getrlimit, setrlimit};
    let Limit { hard, .. } = getrlimit(Resource::Core)?;
    setrlimit(Resource::Core, Limit { soft: hard, hard })
}

fn spell(pieces: &[(usize, usize)]) -> String {
    pieces
        .iter()
        .map(|(start, len)| format!(" {start:x}+{len:x}"))
        .collect()
}

fn parse_place(line: &str) -> Option<(usize, Place)> {
    let mut words = line.splitn(3, ' ');
    let row = words.next()?.parse().ok()?;
    let kind = words.next()?;
    let rest = words.next().unwrap_or_default();
    match kind {
        "at" => {
            let hex = |text: &str| usize::from_str_radix(text, 16).ok();
            let piece = |word: &str| {
                word.split_once('+')
                    .and_then(|(start, len)| Some((hex(start)?, hex(len)?)))
            };
            Some((row, Ok(rest.split(' ').map(piece).collect::<Option<_>>()?)))
        }
        "not" => Some((row, Err(rest.to_owned()))),
        _ => None,
    }
}

fn unexpected(line: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("a helper was told or said {line:?}"),
    )
}
