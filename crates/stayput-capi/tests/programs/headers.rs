//! The header is C99, C11 and C++17, without a warning.

use crate::compiler::{cc, linked, succeed, workshop};
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
        let program = source.with_extension("out");
        let mut compiler = cc();
        compiler.arg(format!("-std={standard}"));
        succeed(linked(&mut compiler, &source, &program));
        succeed(&mut Command::new(program));
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
    let program = source.with_extension("out");
    let mut command = Command::new(compiler);
    succeed(linked(command.arg("-std=c++17"), &source, &program));
    succeed(&mut Command::new(program));
}
