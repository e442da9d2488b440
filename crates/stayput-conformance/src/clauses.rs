//! Runs the probes, each in a process of its own, and collects what they saw.

use crate::probe::{self, Probe, Scene, Stop, Via};
use serde::{Deserialize, Serialize};
use stayput_sys::raw::{self, Fork};
use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// What one probe came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Sight {
    Seen(Vec<String>),
    Skipped(String),
    Broken(String),
}

/// Runs every probe: what each saw, by its clause.
pub(crate) fn look_at_all() -> io::Result<BTreeMap<String, Sight>> {
    probe::ids()
        .map(|id| Ok((id.to_owned(), look(id)?)))
        .collect()
}

/// A clause of `mlock` is looked at through `mlock2` as well; both must agree.
fn look(id: &str) -> io::Result<Sight> {
    let Some(probe) = probe::probe(id) else {
        return Ok(Sight::Skipped("there is no probe of that name".to_owned()));
    };
    let first = in_process(probe, Via::Mlock)?;
    if !id.starts_with("mlock.") {
        return Ok(first);
    }
    let second = in_process(probe, Via::Mlock2)?;
    Ok(match (&first, &second) {
        (Sight::Seen(one), Sight::Seen(two)) if one != two => {
            let both = ["mlock:"].into_iter().map(str::to_owned).chain(one.clone());
            let both = both.chain(["mlock2:".to_owned()]).chain(two.clone());
            Sight::Seen(both.collect())
        }
        _ => first,
    })
}

/// The probe's process writes what it saw on a slip of memory.
fn in_process(probe: Probe, via: Via) -> io::Result<Sight> {
    let mut slip = raw::memfd(0)?;
    match raw::fork()? {
        Fork::Child => {
            let sight = serde_json::to_vec(&run(probe, via)).map_err(io::Error::other);
            let written = sight.and_then(|sight| slip.write_all(&sight));
            raw::exit(i32::from(written.is_err()))
        }
        Fork::Parent(child) => {
            let code = raw::wait(child)?;
            if code != 0 {
                return Ok(Sight::Broken(format!("the probe ended by {code}")));
            }
            let mut text = Vec::new();
            slip.seek(SeekFrom::Start(0))?;
            slip.read_to_end(&mut text)?;
            Ok(serde_json::from_slice(&text)?)
        }
    }
}

fn run(probe: Probe, via: Via) -> Sight {
    raw::settle_heap(512 << 10);
    let mut scene = match Scene::new(via) {
        Ok(scene) => scene,
        Err(error) => return Sight::Broken(error.to_string()),
    };
    match scene.may_probe().and_then(|()| probe(&mut scene)) {
        Ok(()) => Sight::Seen(scene.seen),
        Err(Stop::Skip(why)) => Sight::Skipped(why),
        Err(Stop::Broken(error)) => Sight::Broken(error.to_string()),
    }
}
