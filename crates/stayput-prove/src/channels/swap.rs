//! What reaches the disk when memory is pushed out.

use super::cgroup::Cgroup;
use super::swap_file::SwapFile;
use crate::channel::Channel;
use crate::lab::Lab;
use crate::observation::{Evidence, Finding, Observation};
use crate::pagemap;
use crate::scan::{Found, Scanner};
use crate::storage::Storage;
use crate::victim::Victim;
use anyhow::{Context, Result};
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

const ZSWAP: &str = "/sys/module/zswap/parameters/enabled";
/// `CAP_SYS_ADMIN`, which swapon(2) asks for (linux/capability.h).
const SYS_ADMIN: u64 = 1 << 21;

/// Pages leave memory when their writing begins: for so long the disk, which may be busy, is
/// read again...
const PATIENCE: Duration = Duration::from_secs(20);
/// ...and this long apart, until it holds what the kernel says it swapped.
const PAUSE: Duration = Duration::from_millis(50);

pub(super) fn observe(lab: &Lab<'_>) -> Result<Vec<Finding>> {
    lab.progress.at(Channel::Swap, None);
    if let Some(why) = obstacle()? {
        return Ok(lab.skip_all(&[Channel::Swap], &why));
    }
    match SwapFile::make(lab)? {
        Ok(file) => experiment(lab, &file),
        Err(why) => Ok(lab.skip_all(&[Channel::Swap], &why)),
    }
}

fn obstacle() -> Result<Option<String>> {
    let status = fs::read_to_string("/proc/self/status").context("reading the capabilities")?;
    let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let effective = effective.context("no CapEff line in /proc/self/status")?;
    let effective = u64::from_str_radix(effective.trim(), 16).context("reading CapEff")?;
    if effective & SYS_ADMIN == 0 {
        return Ok(Some(
            "needs root: only CAP_SYS_ADMIN may switch swap on".to_owned(),
        ));
    }
    // Absent where the kernel has no zswap.
    if fs::read_to_string(ZSWAP).is_ok_and(|enabled| enabled.trim() == "Y") {
        return Ok(Some(format!(
            "zswap is on ({ZSWAP}): it keeps pages from the disk"
        )));
    }
    Ok(None)
}

/// A victim and what the kernel said about it, before the disk was read.
struct Subject {
    victim: Victim,
    flags: String,
    page_out: Option<String>,
    swapped: u64,
}

fn experiment(lab: &Lab<'_>, file: &SwapFile<'_>) -> Result<Vec<Finding>> {
    let group = Cgroup::make(lab.seed, &lab.janitor)?;
    let mut findings = Vec::new();
    let mut victims = Vec::new();
    for &storage in &lab.storages {
        lab.progress.at(Channel::Swap, Some(storage));
        let mut victim = Victim::start(storage, lab.seed, &lab.dir)?;
        if let Some(group) = &group {
            group.join(victim.id())?;
        }
        match victim.hold()? {
            Ok(()) => victims.push(victim),
            Err(why) => findings.push(finding(storage, Observation::Skipped { why })),
        }
    }
    lab.progress.at(Channel::Swap, None);
    let reclaimed = match &group {
        Some(group) => group.reclaim()?,
        None => "madvise(MADV_PAGEOUT)",
    };
    let subjects = victims.into_iter().map(pushed_out);
    let mut subjects = subjects.collect::<Result<Vec<_>>>()?;
    let (found, scanned) = scan(file, &subjects)?;
    for (subject, found) in subjects.iter_mut().zip(found) {
        let evidence = subject.evidence(found)?;
        let evidence = evidence
            .with("scanned_bytes", scanned)
            .with("reclaimed_by", reclaimed);
        let leaked = found.hits > 0;
        findings.push(finding(
            subject.victim.storage,
            Observation::Ran { leaked, evidence },
        ));
    }
    lab.progress.done(lab.storages.len());
    Ok(findings)
}

/// Has the victim ask for its pages to go, beside what the group did.
fn pushed_out(mut victim: Victim) -> Result<Subject> {
    let page_out = victim.page_out()?;
    Ok(Subject {
        page_out,
        flags: victim.flags()?,
        swapped: pagemap::swapped(&victim)?,
        victim,
    })
}

impl Subject {
    /// Whether what the kernel swapped has been found.
    fn is_complete(&self, found: Found) -> bool {
        found.pages >= self.swapped || !self.victim.storage.is_plain()
    }

    /// Also looks whether the victim still has what it held, now that the disk
    /// was read.
    fn evidence(&mut self, found: Found) -> Result<Evidence> {
        self.victim.ensure_held()?;
        let advice = self.page_out.as_deref().unwrap_or("ok");
        Ok(Evidence::default()
            .with("held", self.victim.markers())
            .with("found", found.hits)
            .with("found_on_pages", found.pages)
            .with("pages_swapped_by_pagemap", self.swapped)
            .with("madvise_pageout", advice)
            .with("vm_flags", self.flags.as_str()))
    }
}

/// Reads the disk until every page that the kernel swapped has arrived.
fn scan(file: &SwapFile<'_>, subjects: &[Subject]) -> Result<(Vec<Found>, u64)> {
    let markers: Vec<_> = subjects
        .iter()
        .map(|subject| subject.victim.marker)
        .collect();
    let mut area = file.open()?;
    let start = Instant::now();
    loop {
        let mut scanner = Scanner::new(&markers)?;
        let scanned = scanner.file(&mut area).context("reading the swap area")?;
        let found = scanner.found();
        let mut pairs = subjects.iter().zip(&found);
        let all = pairs.all(|(subject, found)| subject.is_complete(*found));
        if all || start.elapsed() > PATIENCE {
            return Ok((found, scanned));
        }
        sleep(PAUSE);
    }
}

fn finding(storage: Storage, observation: Observation) -> Finding {
    Finding {
        channel: Channel::Swap,
        storage,
        observation,
    }
}
