//! Processes by name.

use std::fs;
use std::io;
use std::path::Path;

/// A process, and how it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProcessName {
    /// The kernel's number for it.
    pub id: u32,
    /// Its command line, words separated by spaces; its name in brackets where
    /// it has none.
    pub command: String,
}

/// The processes of this name, other than the caller, by number. A name is what
/// the kernel calls the process (`comm`), or the last part of the path by which
/// its program was called.
///
/// # Errors
/// `NotFound` where there is no `/proc`. Processes that end meanwhile are passed
/// over.
pub fn find(name: &str) -> io::Result<Vec<ProcessName>> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let id = entry?.file_name().to_str().and_then(|id| id.parse().ok());
        let Some(id) = id.filter(|&id: &u32| id != std::process::id()) else {
            continue;
        };
        let (Ok(comm), Ok(words)) = (name_of(id), fs::read(format!("/proc/{id}/cmdline"))) else {
            continue;
        };
        let words = String::from_utf8_lossy(&words);
        let mut words = words.trim_end_matches('\0').split('\0');
        let program = words.next().unwrap_or_default();
        let last = Path::new(program).file_name();
        if comm == name || last.is_some_and(|last| last == name) {
            let command = words.fold(program.to_owned(), |line, word| line + " " + word);
            let bracketed = || format!("[{comm}]");
            found.push(ProcessName {
                id,
                command: Some(command)
                    .filter(|line| !line.is_empty())
                    .unwrap_or_else(bracketed),
            });
        }
    }
    found.sort_by_key(|process| process.id);
    Ok(found)
}

/// What the kernel calls a process (`comm`): 15 bytes of its program's name at
/// most, unless the process named itself.
///
/// # Errors
/// `NotFound` where there is no such process or no `/proc`.
pub fn name_of(id: u32) -> io::Result<String> {
    let name = fs::read(format!("/proc/{id}/comm"))?;
    Ok(String::from_utf8_lossy(&name).trim_end().to_owned())
}
