//! Reading files: one, or every C source of a kernel tree.

use super::Reading;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What was read from one file.
#[derive(Clone, Debug)]
pub struct FileReading {
    /// The file.
    pub path: PathBuf,
    /// What it held.
    pub reading: Reading,
}

/// A file or directory that could not be read.
#[derive(Debug)]
pub struct TreeError {
    /// The file or directory.
    pub path: PathBuf,
    /// Why not.
    pub error: io::Error,
}

impl fmt::Display for TreeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read {}: {}", self.path.display(), self.error)
    }
}

// Its message has the cause already.
impl std::error::Error for TreeError {}

/// Reads a file, or every `.c` and `.h` file below a directory that holds a specification, in
/// order of their paths. Symbolic links are not followed below the directory. Bytes that are not
/// UTF-8 are replaced, since old kernel sources have Latin-1 in comments.
///
/// # Errors
/// A file or directory can't be read: the first such, with its path.
pub fn path(path: &Path) -> Result<Vec<FileReading>, TreeError> {
    let mut readings = Vec::new();
    if path.is_dir() {
        read_directory(path, &mut readings)?;
    } else {
        readings.push(read_file(path)?);
    }
    Ok(readings)
}

fn read_directory(directory: &Path, readings: &mut Vec<FileReading>) -> Result<(), TreeError> {
    let failed = |error| TreeError {
        path: directory.to_owned(),
        error,
    };
    let mut entries = fs::read_dir(directory)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(failed)?;
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        let (kind, path) = (entry.file_type().map_err(failed)?, entry.path());
        if kind.is_dir() {
            read_directory(&path, readings)?;
        } else if kind.is_file() && path.extension().is_some_and(|end| end == "c" || end == "h") {
            let read = read_file(&path)?;
            if !read.reading.specs.is_empty() {
                readings.push(read);
            }
        }
    }
    Ok(())
}

fn read_file(path: &Path) -> Result<FileReading, TreeError> {
    let bytes = fs::read(path).map_err(|error| TreeError {
        path: path.to_owned(),
        error,
    })?;
    let reading = super::text(&String::from_utf8_lossy(&bytes));
    Ok(FileReading {
        path: path.to_owned(),
        reading,
    })
}
