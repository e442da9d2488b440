//! The files in which a machine tells about itself.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A machine's `/proc` and `/sys`.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    root: PathBuf,
}

impl Machine {
    /// The one at hand.
    pub(crate) fn at_hand() -> Self {
        Self { root: "/".into() }
    }

    /// One whose files were put under `root`.
    #[cfg(test)]
    pub(crate) fn at(root: &Path) -> Self {
        Self { root: root.into() }
    }

    /// A file's content without white space around it.
    pub(crate) fn read(&self, file: impl AsRef<Path>) -> io::Result<String> {
        fs::read_to_string(self.path(file)).map(|text| text.trim().to_owned())
    }

    /// The names in a directory; none if there is no such directory.
    pub(crate) fn names(&self, dir: impl AsRef<Path>) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path(dir)) else {
            return Vec::new();
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names.collect()
    }

    /// Whether a file missing there means that the kernel lacks the thing.
    pub(crate) fn has_sysctls(&self) -> bool {
        self.path("/proc/sys/kernel").is_dir()
    }

    /// Where links lead, within the machine.
    pub(crate) fn resolve(&self, file: &str) -> PathBuf {
        let Ok(target) = fs::canonicalize(self.path(file)) else {
            return file.into();
        };
        let inside = target.strip_prefix(&self.root);
        inside.map_or_else(|_| target.clone(), |inside| Path::new("/").join(inside))
    }

    fn path(&self, file: impl AsRef<Path>) -> PathBuf {
        let file = file.as_ref();
        self.root.join(file.strip_prefix("/").unwrap_or(file))
    }
}
