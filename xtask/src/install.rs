//! Installing the C library where compilers, loaders and `man` look for it.

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use std::env;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

const CRATE: &str = "crates/stayput-capi";
/// As in its build script.
const ABI: u32 = 0;
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Where to.
#[derive(Args)]
pub(crate) struct Places {
    /// What the installed files will find themselves under
    #[arg(long, default_value = "/usr/local")]
    prefix: PathBuf,
    /// Libraries [default: PREFIX/lib]
    #[arg(long)]
    libdir: Option<PathBuf>,
    /// A root to install below instead, for packagers
    #[arg(long, env = "DESTDIR")]
    destdir: Option<PathBuf>,
}

/// Builds and installs.
pub(crate) fn install(root: &Path, places: &Places) -> Result<()> {
    ensure!(
        places.prefix.is_absolute(),
        "--prefix {}: expected an absolute path, which stayput.pc can name",
        places.prefix.display()
    );
    let built = build(root)?;
    let libdir = places.libdir.clone();
    let libdir = libdir.unwrap_or_else(|| places.prefix.join("lib"));
    let library = format!("libstayput.so.{VERSION}");
    let to = |path: &Path| places.below(path);
    copy(
        &built.join("libstayput_capi.so"),
        &to(&libdir.join(&library)),
        0o755,
    )?;
    copy(
        &built.join("libstayput_capi.a"),
        &to(&libdir.join("libstayput.a")),
        0o644,
    )?;
    link(&library, &to(&libdir.join(format!("libstayput.so.{ABI}"))))?;
    link(&library, &to(&libdir.join("libstayput.so")))?;
    let header = places.prefix.join("include/stayput.h");
    copy(&root.join(super::header::PATH), &to(&header), 0o644)?;
    let description = to(&libdir.join("pkgconfig/stayput.pc"));
    write(&description, &description_of(root, places, &libdir)?)?;
    for page in pages(root)? {
        let name = page.file_name().context("a file")?;
        copy(
            &page,
            &to(&places.prefix.join("share/man/man3").join(name)),
            0o644,
        )?;
    }
    Ok(())
}

impl Places {
    /// Where a file goes that will be found at `path`.
    fn below(&self, path: &Path) -> PathBuf {
        match &self.destdir {
            Some(root) => root.join(path.strip_prefix("/").unwrap_or(path)),
            None => path.to_owned(),
        }
    }
}

/// The directory with the built libraries.
fn build(root: &Path) -> Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--release", "--package", "stayput-capi"])
        .current_dir(root)
        .status()?;
    ensure!(status.success(), "the build failed");
    let metadata = cargo_metadata::MetadataCommand::new()
        .manifest_path(root.join("Cargo.toml"))
        .no_deps()
        .exec()?;
    Ok(metadata.target_directory.join("release").into())
}

/// `stayput.pc` for these places.
fn description_of(root: &Path, places: &Places, libdir: &Path) -> Result<String> {
    let template = fs::read_to_string(root.join(CRATE).join("stayput.pc.in"))?;
    let mut description = template;
    for (name, value) in [
        ("@PREFIX@", text(&places.prefix)?),
        ("@LIBDIR@", text(libdir)?),
        ("@VERSION@", VERSION),
    ] {
        description = description.replace(name, value);
    }
    Ok(description)
}

fn text(path: &Path) -> Result<&str> {
    let text = path
        .to_str()
        .filter(|text| !text.contains(char::is_whitespace));
    text.with_context(|| format!("{}: pkg-config can't name it", path.display()))
}

fn pages(root: &Path) -> Result<Vec<PathBuf>> {
    let directory = root.join(CRATE).join("man");
    let mut pages: Vec<PathBuf> = fs::read_dir(&directory)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    pages.sort();
    Ok(pages)
}

fn copy(from: &Path, to: &Path, mode: u32) -> Result<()> {
    let content = fs::read(from).with_context(|| from.display().to_string())?;
    place(to, mode, |to| fs::write(to, content))
}

fn write(to: &Path, content: &str) -> Result<()> {
    place(to, 0o644, |to| fs::write(to, content))
}

/// Puts a file beside its place first: a program that runs may have the old one
/// mapped.
fn place(to: &Path, mode: u32, fill: impl FnOnce(&Path) -> std::io::Result<()>) -> Result<()> {
    let name = || to.display().to_string();
    let Some(directory) = to.parent() else {
        bail!("{}: expected a path to a file", name());
    };
    fs::create_dir_all(directory).with_context(|| directory.display().to_string())?;
    let mut fresh = to.as_os_str().to_owned();
    fresh.push(".new");
    let fresh = PathBuf::from(fresh);
    fill(&fresh).with_context(name)?;
    fs::set_permissions(&fresh, fs::Permissions::from_mode(mode)).with_context(name)?;
    fs::rename(&fresh, to).with_context(name)?;
    println!("installed: {}", name());
    Ok(())
}

fn link(target: &str, to: &Path) -> Result<()> {
    if to.symlink_metadata().is_ok() {
        fs::remove_file(to).with_context(|| to.display().to_string())?;
    }
    symlink(target, to).with_context(|| to.display().to_string())?;
    println!("installed: {} -> {target}", to.display());
    Ok(())
}
