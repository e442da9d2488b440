//! Core dumps that the kernel writes.

use super::core_file::{Subject, examine};
use crate::channel::Channel;
use crate::lab::Lab;
use crate::observation::{Finding, Observation};
use crate::victim::Victim;
use anyhow::{Context, Result, ensure};
use stayput_sys::limits::{Resource, getrlimit};
use std::fs;
use std::path::Path;

const PATTERN: &str = "/proc/sys/kernel/core_pattern";

pub(super) fn observe(lab: &Lab<'_>) -> Result<Vec<Finding>> {
    if let Some(why) = obstacle()? {
        return Ok(lab.skip_all(&[Channel::Core], &why));
    }
    let dir = lab.make_dir("core")?;
    lab.for_each_storage_in(&dir, &[Channel::Core], |victim| {
        Ok(vec![(Channel::Core, dump(victim, &dir)?)])
    })
}

/// What keeps core files out of the working directory; no sysctl is changed.
fn obstacle() -> Result<Option<String>> {
    let pattern = fs::read_to_string(PATTERN).with_context(|| format!("reading {PATTERN}"))?;
    let limit = getrlimit(Resource::Core).context("reading RLIMIT_CORE")?;
    Ok(obstacle_in(pattern.trim(), limit.hard))
}

fn obstacle_in(pattern: &str, hard_limit: u64) -> Option<String> {
    let elsewhere = match pattern.chars().next() {
        None => "nowhere",
        Some('|') => "to a program",
        Some('@') => "to a socket",
        _ if pattern.contains('/') => "to another directory",
        _ if hard_limit == 0 => {
            return Some("the hard RLIMIT_CORE is 0, so no core file is written".to_owned());
        }
        _ => return None,
    };
    Some(format!(
        "core_pattern ({pattern}) sends core dumps {elsewhere}"
    ))
}

fn dump(victim: Victim, dir: &Path) -> Result<Observation> {
    let subject = Subject {
        marker: victim.marker,
        held: victim.markers(),
        flags: victim.flags()?,
    };
    let status = victim.abort()?;
    let mut files = fs::read_dir(dir)?.collect::<Result<Vec<_>, _>>()?;
    let Some(file) = files.pop() else {
        return Ok(Observation::skipped(format!(
            "no core file was written ({status})"
        )));
    };
    ensure!(
        files.is_empty(),
        "{} core files where one was expected",
        files.len() + 1
    );
    examine(&file.path(), &subject)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_in_the_working_directory_will_do() {
        for pattern in ["core", "core.%p", "%e.core"] {
            assert_eq!(obstacle_in(pattern, 1), None, "{pattern}");
        }
        for pattern in [
            "|/usr/bin/dump %p",
            "/var/crash/core",
            "sub/core",
            "@/sock",
            "",
        ] {
            assert!(obstacle_in(pattern, 1).is_some(), "{pattern}");
        }
        let why = obstacle_in("core", 0).expect("skipped");
        assert!(why.contains("RLIMIT_CORE"), "{why}");
    }
}
