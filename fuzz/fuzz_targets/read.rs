//! Any text: the reader doesn't panic, its findings have lines of the text, and what it read
//! without a remark is read back the same from both notations.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stayput_spec::language::Spec;
use stayput_spec::read::{self, Notation};
use stayput_spec::{diff, render};

fuzz_target!(|text: &str| {
    let reading = read::text(text);
    let lines = text.lines().count();
    for finding in &reading.findings {
        let line = finding.line as usize;
        assert!((1..=lines).contains(&line), "{finding}: {lines} lines");
    }
    for read in &reading.specs {
        for write in [render::plain, render::json, render::rst, render::markdown] {
            assert!(!write(&read.spec).is_empty());
        }
        for judgement in diff::against_kernel(&read.spec).unwrap_or_default() {
            assert!(!judgement.to_string().is_empty());
        }
        assert!(diff::specifications(&read.spec, &read.spec).is_empty());
        // Something unknown can be anything, a lost parenthesis too: only what is known must
        // come back.
        if read.notation == Notation::Macros && reading.findings.is_empty() {
            comes_back(&read.spec);
        }
    }
});

fn comes_back(spec: &Spec) {
    let block = render::macros(spec);
    let again = read::text(&block).specs;
    assert!(
        again.iter().any(|read| read.spec == *spec),
        "{block}\n{spec:#?}\n{again:#?}"
    );
    let comment = render::kernel_doc(spec);
    // The notation folds white space; once folded, nothing changes any more.
    for folded in read::text(&comment).specs {
        let again = read::text(&render::kernel_doc(&folded.spec)).specs;
        let same = again.iter().any(|read| read.spec == folded.spec);
        assert!(same, "{comment}\n{folded:#?}\n{again:#?}");
    }
}
