//! What Windows' registry says, asked of `reg.exe`: it comes with every Windows, and with
//! Wine.

use std::io;
use std::process::{Command, Output};

/// A value as `reg query` prints it, or none where there is none.
///
/// # Errors
/// `reg.exe` could not be started.
pub(crate) fn value(key: &str, name: &str) -> io::Result<Option<String>> {
    let output = query(&[key, "/v", name])?;
    Ok(data(&String::from_utf8_lossy(&output.stdout), name))
}

/// Whether there is such a key.
///
/// # Errors
/// As [`value`].
pub(crate) fn has_key(key: &str) -> io::Result<bool> {
    query(&[key]).map(|output| output.status.success())
}

/// Fails with 1 for what does not exist and for what may not be read: neither is told.
fn query(words: &[&str]) -> io::Result<Output> {
    Command::new("reg").arg("query").args(words).output()
}

/// The data in the line `    NAME    REG_TYPE    DATA`.
fn data(printed: &str, name: &str) -> Option<String> {
    printed.lines().find_map(|line| {
        let rest = line.trim().strip_prefix(name)?.trim_start();
        let (kind, data) = rest.split_once(char::is_whitespace)?;
        kind.starts_with("REG_").then(|| data.trim().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_found_by_its_whole_name() {
        let printed = "\r\nHKEY_LOCAL_MACHINE\\SYSTEM\\Power\r\n    \
            HibernateEnabledDefault    REG_DWORD    0x0\r\n    \
            HibernateEnabled    REG_DWORD    0x1\r\n\r\n";
        assert_eq!(data(printed, "HibernateEnabled").as_deref(), Some("0x1"));
        assert_eq!(data(printed, "Hibernate"), None);
        assert_eq!(data("", "HibernateEnabled"), None);
    }

    #[test]
    fn this_machines_registry_is_read() {
        const VERSION: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion";
        match value(VERSION, "ProductName") {
            Ok(name) => {
                assert!(name.is_some_and(|name| name.contains("Windows")));
                assert!(has_key(VERSION).expect("as before"));
                assert!(!has_key(r"HKLM\SOFTWARE\No such key").expect("as before"));
            }
            Err(error) => eprintln!("SKIPPED this_machines_registry_is_read: {error}"),
        }
    }
}
