//! What all experiments of a run share.

use crate::Progress;
use crate::channel::Channel;
use crate::janitor::{Janitor, Thing};
use crate::marker::Seed;
use crate::observation::{Finding, Observation};
use crate::os;
use crate::storage::Storage;
use crate::victim::Victim;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) struct Lab<'a> {
    pub(crate) seed: Seed,
    pub(crate) janitor: Arc<Janitor>,
    pub(crate) storages: Vec<Storage>,
    pub(crate) channels: Vec<Channel>,
    /// Where the user wants large files, if anywhere.
    pub(crate) wanted_dir: Option<PathBuf>,
    /// This run's own directory, empty at first.
    pub(crate) dir: PathBuf,
    pub(crate) progress: &'a dyn Progress,
}

impl Lab<'_> {
    /// A directory in the lab's own, made anew.
    pub(crate) fn make_dir(&self, name: &str) -> Result<PathBuf> {
        let dir = self.dir.join(name);
        os::create_dir(&dir).with_context(|| format!("making {}", dir.display()))?;
        Ok(dir)
    }

    /// Runs `experiment` with a victim for each storage; it reports all of
    /// `channels`. Where a storage can't be had they are skipped.
    pub(crate) fn for_each_storage(
        &self,
        channels: &[Channel],
        experiment: impl FnMut(Victim) -> Result<Vec<(Channel, Observation)>>,
    ) -> Result<Vec<Finding>> {
        self.for_each_storage_in(&self.dir, channels, experiment)
    }

    /// The same, with victims that work in `dir`.
    pub(crate) fn for_each_storage_in(
        &self,
        dir: &Path,
        channels: &[Channel],
        mut experiment: impl FnMut(Victim) -> Result<Vec<(Channel, Observation)>>,
    ) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        for &storage in &self.storages {
            self.progress.at(channels[0], Some(storage));
            let mut victim = Victim::start(storage, self.seed, dir)?;
            let seen = match victim.hold()? {
                Ok(()) => experiment(victim)
                    .with_context(|| format!("{}: {}", channels[0].title(), storage.title()))?,
                Err(why) => {
                    let skip = |&channel| (channel, Observation::skipped(why.clone()));
                    channels.iter().map(skip).collect()
                }
            };
            findings.extend(seen.into_iter().map(|(channel, observation)| Finding {
                channel,
                storage,
                observation,
            }));
            self.progress.done(channels.len());
        }
        Ok(findings)
    }

    /// The same skip for every storage.
    pub(crate) fn skip_all(&self, channels: &[Channel], why: &str) -> Vec<Finding> {
        self.progress.done(channels.len() * self.storages.len());
        let cells = channels.iter().flat_map(|&channel| {
            let storages = self.storages.iter();
            storages.map(move |&storage| (channel, storage))
        });
        cells
            .map(|(channel, storage)| Finding {
                channel,
                storage,
                observation: Observation::skipped(why),
            })
            .collect()
    }
}

/// Makes this run's own directory below `parent`.
pub(crate) fn make_own_dir(janitor: &Janitor, seed: Seed, parent: &Path) -> Result<PathBuf> {
    let dir = parent.join(format!("stayput-prove-{}", seed.name()));
    janitor.make(Thing::Dir(dir.clone()), || {
        os::create_dir(&dir).with_context(|| {
            format!(
                "making a directory in {}; name another by --dir",
                parent.display()
            )
        })
    })?;
    Ok(dir)
}
