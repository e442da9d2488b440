//! The header is C99, C11 and C++17, without a warning.

use crate::compiler::{STRICT, cc, here, succeed, workshop};
use std::env;
use std::fs;
use std::process::Command;

const PROGRAM: &str = "#include \"stayput.h\"
int main(void) {
  void *key = alloc_secure_memory(32);
  stayput_pool_config config = {};
  free_secure_memory(key, 32);
  return config.max_locked == 0 && key ? 0 : 1;
}
";

#[test]
fn c99_and_c11() {
    for standard in ["c99", "c11"] {
        let source = workshop().join(format!("{standard}.c"));
        fs::write(&source, PROGRAM.replace("{}", "{0}")).expect("the target directory");
        succeed(
            cc().args(STRICT)
                .arg(format!("-std={standard}"))
                .args(rest(&source)),
        );
    }
}

#[test]
fn cpp17() {
    let compiler = env::var_os("CXX").unwrap_or_else(|| "c++".into());
    if Command::new(&compiler).arg("--version").output().is_err() {
        eprintln!("SKIPPED cpp17: there is no {}", compiler.to_string_lossy());
        return;
    }
    let source = workshop().join("cpp17.cpp");
    fs::write(&source, PROGRAM).expect("the target directory");
    let mut command = Command::new(compiler);
    succeed(command.args(STRICT).arg("-std=c++17").args(rest(&source)));
    succeed(&mut Command::new(source.with_extension("out")));
}

fn rest(source: &std::path::Path) -> Vec<std::ffi::OsString> {
    let include = here("include");
    let program = source.with_extension("out");
    let mut words: Vec<std::ffi::OsString> = vec!["-I".into(), include.into(), source.into()];
    words.extend(["-o".into(), program.into(), "-L".into(), workshop().into()]);
    words.extend(["-lstayput".into(), "-Wl,-rpath,$ORIGIN".into()]);
    words
}
