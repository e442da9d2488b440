//! Programs in C, compiled and linked with the library as cargo built it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// What every program must pass.
const STRICT: [&str; 5] = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-Wshadow"];

/// A directory of this crate.
pub(crate) fn here(directory: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(directory)
}

/// The C compiler.
pub(crate) fn cc() -> Command {
    Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()))
}

/// Runs a command that must succeed; what it printed.
pub(crate) fn succeed(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?} ({}):\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Where programs are compiled: beside them the library under its installed names.
pub(crate) fn workshop() -> &'static Path {
    static WORKSHOP: OnceLock<PathBuf> = OnceLock::new();
    WORKSHOP.get_or_init(|| {
        let workshop = Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs");
        fs::create_dir_all(&workshop).expect("the target directory");
        let deps = env::current_exe().expect("this test");
        let built = deps.with_file_name("libstayput_capi.so");
        for name in ["libstayput.so.0", "libstayput.so"] {
            let link = workshop.join(name);
            let _ = fs::remove_file(&link); // of an earlier run, if any
            std::os::unix::fs::symlink(&built, link).expect("the target directory");
        }
        workshop
    })
}

/// Compiles `tests/c/NAME.c`.
pub(crate) fn compile(name: &str) -> PathBuf {
    let program = workshop().join(name);
    let source = here("tests/c").join(name).with_extension("c");
    let standard = ["-std=c11", "-D_GNU_SOURCE", "-g", "-pthread"];
    succeed(linked(cc().args(standard), &source, &program));
    program
}

/// A compiler's command, with what every program is compiled and linked with.
pub(crate) fn linked<'a>(
    compiler: &'a mut Command,
    source: &Path,
    program: &Path,
) -> &'a mut Command {
    compiler
        .args(STRICT)
        .arg("-I")
        .arg(here("include"))
        .arg(source)
        .arg("-o")
        .arg(program)
        .arg("-L")
        .arg(workshop())
        .args(["-lstayput", "-Wl,-rpath,$ORIGIN"])
        .args(env::var("CFLAGS").unwrap_or_default().split_whitespace())
}
