//! Which kernel this is.

/// `uname -r`, or why it is not to be had.
pub(crate) fn kernel_release() -> String {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease");
    release.map_or_else(|error| error.to_string(), |text| text.trim().to_owned())
}

/// Major and minor number, for comparing.
pub(crate) fn version(release: &str) -> (u32, u32) {
    let mut numbers = release
        .split(|c: char| !c.is_ascii_digit())
        .map(|digits| digits.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_compare_by_number() {
        assert!(version("6.2") < version("6.18.44-fc-v445"));
        assert!(version("5.14") < version("6.1.0-37-amd64"));
        assert_eq!(version("6.18"), version("6.18.44"));
    }
}
