//! The checks on Windows: its quota, page file, hibernation file and crash dumps. What
//! it has no like of is skipped, by name.

use super::{limit, lock, surroundings};
use crate::facts::Facts;
use crate::registry::{has_key, value};
use crate::remedy::Remedy;
use crate::verdict::{CheckId, Finding};
use anyhow::Result;
use stayput::limits::Place;
use std::io;

const MEMORY: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management";
const FILE_SYSTEM: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\FileSystem";
const POWER: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\Power";
const REPORTING: &str = r"HKLM\SOFTWARE\Microsoft\Windows\Windows Error Reporting";

pub(super) fn check(id: CheckId, facts: &Facts) -> Result<Finding> {
    let finding = match id {
        CheckId::MemlockLimit => Ok(limit::memlock_limit(facts)),
        CheckId::Lock => return lock::lock(facts),
        CheckId::Container => Ok(surroundings::container(facts)),
        CheckId::SwapDevices => page_file(),
        CheckId::Hibernation => hibernation(),
        CheckId::CorePattern => crash_dumps(),
        CheckId::IpcLockCapability => no("capabilities: any user may lock within the quota"),
        CheckId::UserNamespace => no("user namespaces"),
        CheckId::Seccomp => no("seccomp"),
        CheckId::CgroupMemory => no("control groups; a job's limits are not looked at"),
        CheckId::CgroupSwap => no("control groups"),
        CheckId::PtraceScope => {
            no("ptrace scope: who may open a process to read it is up to its access list")
        }
        CheckId::MemfdSecret => no("memory that is out of the kernel's reach"),
    };
    Ok(finding.unwrap_or_else(|error| Finding::skip(format!("reg.exe did not start: {error}"))))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "beside those that ask the registry"
)]
fn no(what: &str) -> io::Result<Finding> {
    Ok(Finding::skip(format!("Windows has no {what}")))
}

fn page_file() -> io::Result<Finding> {
    let files = match value(MEMORY, "ExistingPageFiles")? {
        Some(files) => Some(files),
        None => value(MEMORY, "PagingFiles")?,
    };
    let encrypted = value(FILE_SYSTEM, "NtfsEncryptPagingFile")?;
    let finding = judge_page_file(files.as_deref(), is_on(encrypted.as_deref()));
    Ok(finding.evidence("page_files", files))
}

fn judge_page_file(files: Option<&str>, is_encrypted: bool) -> Finding {
    match files {
        None | Some("") => Finding::pass("no page file"),
        Some(_) if is_encrypted => Finding::pass("the page file is encrypted"),
        Some(_) => Finding::warn("the page file is not encrypted by NTFS").remedy(Remedy::line(
            "lock what must not be paged out, keep the file on an encrypted volume, or have it \
             encrypted from the next start on",
            Place::RootCommand,
            "fsutil behavior set encryptpagingfile 1",
        )),
    }
}

fn hibernation() -> io::Result<Finding> {
    let enabled = value(POWER, "HibernateEnabled")?;
    Ok(judge_hibernation(enabled.as_deref()).evidence("hibernate_enabled", enabled))
}

fn judge_hibernation(enabled: Option<&str>) -> Finding {
    match enabled {
        None => Finding::skip("the registry doesn't tell whether it is on"),
        Some(_) if is_on(enabled) => Finding::warn("locked memory is written to hiberfil.sys")
            .remedy(Remedy::line(
                "keep the file on an encrypted volume, or forbid it",
                Place::RootCommand,
                "powercfg /hibernate off",
            )),
        Some(_) => Finding::pass("off"),
    }
}

fn crash_dumps() -> io::Result<Finding> {
    let local = has_key(&format!(r"{REPORTING}\LocalDumps"))?;
    let disabled = value(REPORTING, "Disabled")?;
    let finding = judge_dumps(local, is_on(disabled.as_deref()));
    Ok(finding
        .evidence("local_dumps", local)
        .evidence("disabled", disabled))
}

fn judge_dumps(local: bool, is_disabled: bool) -> Finding {
    let text = match (local, is_disabled) {
        (true, _) => "dumps of crashed programs are kept on this machine (LocalDumps)",
        (false, true) => return Finding::pass("Windows Error Reporting is off"),
        (false, false) => "Windows Error Reporting may send parts of a crashed program's memory",
    };
    Finding::warn(text).remedy(Remedy::line(
        "stayput's memory is left out from Windows 10 1703 on; for the rest, leave the program out",
        Place::Program,
        "WerAddExcludedApplication(L\"PROGRAM.EXE\", FALSE)",
    ))
}

/// A `REG_DWORD` as it is printed.
fn is_on(printed: Option<&str>) -> bool {
    printed.is_some_and(|value| value != "0x0")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Verdict;

    #[test]
    fn a_plain_page_file_is_a_warning() {
        let file = Some(r"\??\C:\pagefile.sys");
        assert_eq!(judge_page_file(file, false).verdict, Verdict::Warn);
        assert_eq!(judge_page_file(file, true).verdict, Verdict::Pass);
        assert_eq!(judge_page_file(None, false).verdict, Verdict::Pass);
    }

    #[test]
    fn a_hibernation_file_is_a_warning_and_silence_is_none() {
        assert_eq!(judge_hibernation(Some("0x1")).verdict, Verdict::Warn);
        assert_eq!(judge_hibernation(Some("0x0")).verdict, Verdict::Pass);
        assert_eq!(judge_hibernation(None).verdict, Verdict::Skip);
    }

    #[test]
    fn dumps_are_warnings_unless_reporting_is_off() {
        assert_eq!(judge_dumps(true, true).verdict, Verdict::Warn);
        assert_eq!(judge_dumps(false, false).verdict, Verdict::Warn);
        assert_eq!(judge_dumps(false, true).verdict, Verdict::Pass);
    }
}
