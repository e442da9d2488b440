//! A user without privileges, memory pressure, and a swap area on a disk.

use super::cell::Cell;
use super::holding;
use crate::channel::Channel;
use crate::expectation::{Expected, expectation};
use crate::marker::Seed;
use crate::observation::Evidence;
use crate::pagemap;
use crate::storage::Storage;
use crate::victim::Victim;
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::hint::black_box;
use std::thread::sleep;
use std::time::Duration;

const EXPERIMENT: &str = "swap";
const OVERCOUNT: &str = "not locked, as vm_flags say, and yet kept in memory by the kernel";
/// What the hog takes at a time.
const STEP: usize = 4 << 20;
/// Looks at the counter of pages that are being written, and the pause between.
const LOOKS: usize = 300;
const PAUSE: Duration = Duration::from_millis(100);

pub(super) fn run(seed: Seed) -> Result<()> {
    let privileges = privileges()?;
    let victims = Storage::ALL
        .into_iter()
        .map(|storage| holding(storage, seed));
    let mut victims = victims.collect::<Result<Vec<_>>>()?;
    let hogged = press(&victims)?;
    wait_for_writes()?;
    for victim in &mut victims {
        let figures = Evidence::default()
            .with("held", victim.markers())
            .with("pages_swapped_by_pagemap", pagemap::swapped(victim)?)
            .with("vm_flags", victim.flags()?)
            .with("hog_bytes", hogged as u64);
        let mut cell = Cell::of(
            EXPERIMENT,
            victim.storage,
            leaks(victim.storage) && !is_kept(victim)?,
        )?;
        if victim.storage == Storage::MlockTwice && !cell.is_control {
            cell = cell.with(Evidence::default().with("note", OVERCOUNT));
        }
        cell.with(figures.and(privileges.clone())).seen()?;
        victim.ensure_held()?;
    }
    Ok(())
}

/// What this process may do, which must be nothing.
fn privileges() -> Result<Evidence> {
    let status = fs::read_to_string("/proc/self/status")?;
    let limits = fs::read_to_string("/proc/self/limits")?;
    let field = |text: &str, name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let word = line.and_then(|line| line.split_whitespace().next());
        word.map(str::to_owned)
            .with_context(|| format!("no line {name}"))
    };
    let (user, capabilities) = (field(&status, "Uid:")?, field(&status, "CapEff:")?);
    ensure!(
        user != "0" && capabilities.chars().all(|digit| digit == '0'),
        "expected a user without privileges; this is user {user} with {capabilities}"
    );
    Ok(Evidence::default()
        .with("user", user)
        .with("capabilities", capabilities)
        .with("memlock_limit", field(&limits, "Max locked memory")?))
}

/// Takes memory until the kernel lists all pages that nothing keeps as swapped.
fn press(victims: &[Victim]) -> Result<usize> {
    let most = (kilobytes("MemTotal:")? + kilobytes("SwapTotal:")? / 2) << 10;
    let mut hog = Vec::new();
    loop {
        let rest = still_in_memory(victims)?;
        if rest.is_empty() {
            return Ok(hog.len() * STEP);
        }
        ensure!(
            hog.len() * STEP < most,
            "{most} bytes taken, and pages that nothing keeps are still in memory: {}",
            rest.join(", ")
        );
        hog.push(block(hog.len()));
    }
}

/// The storages of which pages could be in swap, and are not.
fn still_in_memory(victims: &[Victim]) -> Result<Vec<String>> {
    let mut rest = Vec::new();
    let free = |victim: &&Victim| leaks(victim.storage) && victim.storage != Storage::MlockTwice;
    for victim in victims.iter().filter(free) {
        let pages = pagemap::pages(victim)?;
        let there = pages.iter().filter(|page| !page.is_swapped).count();
        if there > 0 {
            rest.push(format!(
                "{there} of {} ({})",
                victim.storage.id(),
                pages.len()
            ));
        }
    }
    Ok(rest)
}

/// Whether pages that are not locked any more stay in memory all the same. Linux
/// 6.1 was seen to do that to pages locked while they were fresh, under pressure
/// of any length (6.12 does not): then they are no control.
fn is_kept(victim: &Victim) -> Result<bool> {
    Ok(victim.storage == Storage::MlockTwice && pagemap::swapped(victim)? == 0)
}

/// Memory in which no page is like another, so that none is stored as a pattern.
fn block(number: usize) -> Vec<u64> {
    let words = STEP / size_of::<u64>();
    let first = (number * words) as u64 + 1;
    black_box((first..).take(words).collect())
}

fn kilobytes(name: &str) -> Result<usize> {
    let text = fs::read_to_string("/proc/meminfo")?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next());
    let number = number.with_context(|| format!("no line {name}"))?;
    number.parse().with_context(|| format!("{name} {number}"))
}

/// A page leaves memory when its writing begins; the disk has it when that ends.
fn wait_for_writes() -> Result<()> {
    for _ in 0..LOOKS {
        let counters = fs::read_to_string("/proc/vmstat")?;
        if counters.lines().any(|line| line == "nr_writeback 0") {
            return Ok(());
        }
        sleep(PAUSE);
    }
    bail!("the kernel has not done writing to swap");
}

fn leaks(storage: Storage) -> bool {
    expectation(storage, Channel::Swap).expected == Expected::MustLeak
}
