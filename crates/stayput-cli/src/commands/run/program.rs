//! Which file the kernel will run in the end, and whether a library can be
//! preloaded into it.

use super::elf::{Elf, Linked};
use super::{Failure, NOT_FOUND};
use anyhow::{Context, Error, Result, bail};
use stayput_sys::launch::{Secure, starts_secure};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The kernel follows as many interpreters, then gives ELOOP.
const SCRIPTS: usize = 5;
/// The kernel reads so much of a script's first line (`BINPRM_BUF_SIZE`).
const LINE: u64 = 256;

/// A program to be started.
#[derive(Debug)]
pub(super) struct Program {
    /// What is executed.
    file: PathBuf,
    name: OsString,
    arguments: Vec<OsString>,
    /// What the loader loads: the file itself, or the interpreter of a script.
    image: PathBuf,
}

impl Program {
    pub(super) fn find(name: &OsStr, arguments: &[OsString]) -> Result<Self, Failure> {
        let file = search(name)?;
        let mut program = Self {
            image: file.clone(),
            file,
            name: name.to_owned(),
            arguments: arguments.to_vec(),
        };
        for _ in 0..SCRIPTS {
            match script_line(&program.image)? {
                Some(line) => program.follow(&line)?,
                None => return Ok(program),
            }
        }
        let error = format!(
            "{}: too many interpreters of interpreters",
            program.file.display()
        );
        Err(Error::msg(error).into())
    }

    /// One interpreter further. env(1) replaces itself by the program that it finds,
    /// and what is preloaded would lock env alone: so that is done here.
    fn follow(&mut self, line: &ScriptLine) -> Result<(), Failure> {
        if line.interpreter.file_name() != Some(OsStr::new("env")) {
            self.image.clone_from(&line.interpreter);
            return Ok(());
        }
        let script = self.image.display();
        let words = line.argument.strip_prefix("-S").unwrap_or(&line.argument);
        let mut words = words.split_ascii_whitespace();
        let name = words
            .next()
            .filter(|word| !word.starts_with('-') && !word.contains('='));
        let name = name.ok_or_else(|| {
            Error::msg(format!(
                "{script}: its interpreter is chosen by env with options; name the \
                 interpreter yourself: stayput run … -- INTERPRETER {script}"
            ))
        })?;
        let script = self.image.clone();
        self.arguments = words
            .map(OsString::from)
            .chain([script.into()])
            .chain(self.arguments.drain(..))
            .collect();
        self.file = search(OsStr::new(name))?;
        self.name = name.into();
        self.image.clone_from(&self.file);
        Ok(())
    }

    /// Whether the loader will bring the library into this program.
    pub(super) fn can_preload(&self, library: &Path) -> Result<()> {
        let image = self.image.display();
        if let Some(secure) = starts_secure(&self.image)? {
            let why = match secure {
                Secure::SetUid => "sets the user (set-uid)",
                Secure::SetGid => "sets the group (set-gid)",
                _ => "has file capabilities",
            };
            bail!(
                "{image} {why}: the loader ignores preloaded libraries there (AT_SECURE), so it \
                 can't be locked from outside. Run it as the user it changes to, or a copy \
                 without the mark"
            );
        }
        let program = Elf::read(&self.image)?;
        if program.linked == Linked::Statically {
            bail!(
                "{image} is statically linked: it loads no libraries, so it can't be locked from \
                 outside, nor can --no-dump be set (exec resets it). Use a dynamically linked \
                 build; limits and --no-core work without --lock-all and --no-dump"
            );
        }
        let ours = Elf::read(library)?.machine;
        if program.machine != ours {
            bail!(
                "{image} is for {}, the library to preload ({}) for {ours}: name one for the \
                 program in STAYPUT_PRELOAD",
                program.machine,
                library.display()
            );
        }
        Ok(())
    }

    pub(super) fn command(&self) -> Command {
        let mut command = command(&self.file, &self.name);
        command.args(&self.arguments);
        command
    }
}

/// Executes a file under the name that the user gave.
pub(super) fn command(file: &Path, name: &OsStr) -> Command {
    let mut command = Command::new(file);
    stayput_sys::launch::name(&mut command, name);
    command
}

/// Looks as the shell does.
pub(super) fn search(name: &OsStr) -> Result<PathBuf, Failure> {
    which::which(name).map_err(|_| {
        let shown = Path::new(name).display();
        let exists = Path::new(name).components().count() > 1 && Path::new(name).exists();
        if exists {
            Failure {
                code: super::NOT_EXECUTABLE,
                error: Error::msg(format!("{shown}: not an executable file (`chmod +x`)")),
            }
        } else {
            let error = format!("{shown}: no such program: expected a path, or a name in PATH");
            Failure {
                code: NOT_FOUND,
                error: Error::msg(error),
            }
        }
    })
}

/// `#!interpreter argument`.
struct ScriptLine {
    interpreter: PathBuf,
    argument: String,
}

fn script_line(file: &Path) -> Result<Option<ScriptLine>> {
    let mut start = Vec::new();
    let opened = File::open(file).with_context(|| {
        format!(
            "reading {}: needed to see whether it is a script",
            file.display()
        )
    })?;
    opened.take(LINE).read_to_end(&mut start)?;
    let Some(line) = start.strip_prefix(b"#!") else {
        return Ok(None);
    };
    let line = line.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let (interpreter, argument) = match line.trim().split_once([' ', '\t']) {
        Some((interpreter, argument)) => (interpreter, argument.trim()),
        None => (line.trim(), ""),
    };
    Ok(Some(ScriptLine {
        interpreter: interpreter.into(),
        argument: argument.to_owned(),
    }))
}
