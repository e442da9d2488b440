//! docutils accepts every page, without a warning.

#[path = "support/random_specs.rs"]
mod random_specs;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use random_specs::{in_macros, in_markup, spec};
use stayput_spec::contract::SPECS;
use stayput_spec::language::Spec;
use stayput_spec::{read, render};
use std::io::Write;
use std::process::{Command, Stdio};

/// Random specifications of each kind where `PROPTEST_CASES` says nothing.
const RANDOM: usize = 30;

#[test]
fn docutils_takes_every_page() {
    if !has_docutils("docutils_takes_every_page") {
        return;
    }
    let specs = specs();
    let pages: Vec<_> = specs.iter().map(render::rst).collect();
    assert_eq!(check(&pages), format!("{} pages\n", pages.len()));
}

#[test]
fn the_check_refuses_a_page_with_a_warning() {
    if !has_docutils("the_check_refuses_a_page_with_a_warning") {
        return;
    }
    assert_eq!(
        check(&["fine\n".to_owned(), "Title\n==\n\n*emphasis\n".to_owned()]),
        ""
    );
}

/// `PYTHON`, or the first on the path.
fn python() -> Command {
    Command::new(std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into()))
}

fn has_docutils(test: &str) -> bool {
    let mut python = python();
    let import = python.args(["-c", "import docutils"]);
    let has = import
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !has {
        eprintln!("SKIPPED {test}: needs python3 with docutils");
    }
    has
}

/// The contract, the committed inputs, and random ones with any text and with markup in it.
fn specs() -> Vec<Spec> {
    let inputs = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/inputs");
    let inputs = read::path(inputs.as_ref()).expect("they are there");
    let inputs = inputs.into_iter().flat_map(|file| file.reading.specs);
    let mut specs: Vec<_> = inputs.map(|read| read.spec).chain(SPECS.clone()).collect();
    let mut runner = TestRunner::deterministic();
    let random = std::env::var("PROPTEST_CASES").map_or(RANDOM, |cases| {
        cases.parse().expect("PROPTEST_CASES is a number")
    });
    for holds in [in_macros(), in_markup()] {
        let strategy = spec(holds);
        for _ in 0..random {
            let tree = strategy.new_tree(&mut runner).expect("a specification");
            specs.push(tree.current());
        }
    }
    specs
}

/// What the script prints, nothing if it refuses.
fn check(pages: &[String]) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/check_rst.py");
    let mut python = python();
    let piped = python
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = piped.spawn().expect("python3 runs");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin
        .write_all(pages.join("\0").as_bytes())
        .expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    String::from_utf8(output.stdout).expect("UTF-8")
}
