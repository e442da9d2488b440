//! The experiments, one file each.

mod cgroup;
mod core;
mod core_file;
mod fork;
mod gcore;
mod readers;
mod residue;
mod swap;
mod swap_file;

use crate::channel::{Channel, Experiment};
use crate::lab::Lab;
use crate::observation::Finding;
use anyhow::Result;

/// Runs what is asked for; a finding for every channel and storage.
pub(crate) fn observe(lab: &Lab<'_>) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for experiment in Experiment::ALL {
        let channels: Vec<Channel> = lab
            .channels
            .iter()
            .copied()
            .filter(|channel| channel.experiment() == experiment)
            .collect();
        if !channels.is_empty() {
            findings.extend(run(experiment, lab, &channels)?);
        }
    }
    Ok(findings)
}

fn run(experiment: Experiment, lab: &Lab<'_>, channels: &[Channel]) -> Result<Vec<Finding>> {
    match experiment {
        Experiment::Swap => swap::observe(lab),
        Experiment::Core => core::observe(lab),
        Experiment::Readers => readers::observe(lab, channels),
        Experiment::Gcore => gcore::observe(lab, channels),
        Experiment::Fork => fork::observe(lab),
        Experiment::Residue => residue::observe(lab),
    }
}
