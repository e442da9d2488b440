//! The process that keeps a secret, so that others may look for it.
//!
//! It does one thing at a time, on request: requests and answers are lines of
//! JSON on its standard input and output. It ends when its input does.

mod handle;

use crate::hold::{Held, hold};
use crate::look::{Look, Place, look};
use crate::marker::{Marker, Seed};
use crate::os::{self, Window};
use crate::storage::Storage;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use stayput::Pool;
use stayput_sys::PageRange;
use stayput_sys::limits::{Limit, Resource, getrlimit, setrlimit};
use std::io::{BufRead, Write};

pub(crate) use handle::Victim;

/// The first argument that makes a program a victim.
pub(crate) const ROLE: &str = "__stayput-prove-victim";

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Request {
    /// Fill the storage.
    Hold,
    /// Look at the places from inside, without faulting.
    Look,
    /// Count what is held, as its owner.
    Count,
    /// The same from a fork child.
    LookInForkChild,
    /// Ask the kernel to write the places to swap.
    PageOut,
    /// Drop what is held.
    Release,
    /// Have its pool give unused pages back.
    Trim,
    /// End by `abort`, with core dumps as large as the hard limit allows.
    Abort,
}

#[derive(Debug, Serialize, Deserialize)]
enum Answer {
    Held(Vec<Place>),
    /// The storage can't be had here.
    Refused(String),
    Seen(Look),
    Counted(u64),
    /// The error, if there was one.
    PagedOut(Option<String>),
    Released,
    /// So many bytes.
    Trimmed(usize),
}

/// Plays the victim; `args` are the storage and the seed.
pub(crate) fn main(args: &[String]) -> Result<()> {
    let [storage, seed] = args else {
        bail!(
            "expected a storage and a seed, found {} arguments",
            args.len()
        );
    };
    let storage = Storage::ALL.into_iter().find(|known| known.id() == storage);
    let storage = storage.context("expected the id of a storage")?;
    os::allow_tracers();
    let mut victim = State {
        storage,
        marker: Marker::new(seed.parse::<Seed>()?, storage.id()),
        held: None,
        pool: None,
        places: Vec::new(),
    };
    for line in std::io::stdin().lock().lines() {
        victim.serve(serde_json::from_str(&line?)?)?;
    }
    Ok(())
}

struct State {
    storage: Storage,
    marker: Marker,
    held: Option<Box<dyn Held>>,
    /// Where it was held, if in a pool.
    pool: Option<&'static Pool>,
    /// Where the markers are, or were.
    places: Vec<Place>,
}

impl State {
    fn serve(&mut self, request: Request) -> Result<()> {
        match request {
            Request::Hold => match hold(self.storage, self.marker) {
                Ok(held) => {
                    self.places = held.places();
                    self.pool = held.pool();
                    self.held = Some(held);
                    answer(&Answer::Held(self.places.clone()))
                }
                Err(error) => answer(&Answer::Refused(format!("{error:#}"))),
            },
            Request::Look => answer(&Answer::Seen(self.look()?)),
            Request::Count => answer(&Answer::Counted(self.count()?)),
            Request::LookInForkChild => os::in_fork_child(|| answer(&Answer::Seen(self.look()?))),
            Request::PageOut => answer(&Answer::PagedOut(self.page_out())),
            Request::Release => {
                self.held = None;
                answer(&Answer::Released)
            }
            Request::Trim => answer(&Answer::Trimmed(self.pool.map_or(0, Pool::trim))),
            Request::Abort => {
                let limit = getrlimit(Resource::Core)?;
                let soft = limit.hard;
                setrlimit(Resource::Core, Limit { soft, ..limit })?;
                std::process::abort()
            }
        }
    }

    fn look(&self) -> Result<Look> {
        let window = Window::open().context("a pipe to look through")?;
        Ok(look(&self.places, self.marker, |address, block| {
            window.read(address, block)
        }))
    }

    fn count(&self) -> Result<u64> {
        let held = self.held.as_ref().context("nothing is held")?;
        held.markers(self.marker)
    }

    fn page_out(&self) -> Option<String> {
        self.places.iter().find_map(|place| {
            let (start, len) = (usize::try_from(place.start), usize::try_from(place.len));
            let range = PageRange::covering(start.ok()?, len.ok()?)?;
            os::page_out(range).err().map(|error| os::errno(&error))
        })
    }
}

fn answer(answer: &Answer) -> Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, answer)?;
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}
