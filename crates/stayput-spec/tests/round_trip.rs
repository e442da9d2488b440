//! What is written out is read back the same, in both notations.

#[path = "support/random_specs.rs"]
mod random_specs;
#[path = "support/seed.rs"]
mod seed;

use proptest::prelude::*;
use random_specs::{in_kernel_doc, in_macros, spec};
use stayput_spec::contract::SPECS;
use stayput_spec::language::Spec;
use stayput_spec::read::{self, Notation};
use stayput_spec::render;

/// The one specification of a text; lines are where they are.
fn read_back(text: &str, notation: Notation) -> Spec {
    let reading = read::text(text);
    let [read] = &reading.specs[..] else {
        panic!("one specification: {text}")
    };
    assert_eq!(read.notation, notation);
    without_lines(&read.spec)
}

fn without_lines(spec: &Spec) -> Spec {
    let mut spec = spec.clone();
    for unknown in spec.unknown.to_mut() {
        unknown.line = 0;
    }
    spec
}

#[test]
fn the_contract_comes_back_from_macros() {
    for spec in &SPECS {
        let text = render::macros(spec);
        assert_eq!(read::text(&text).findings, [], "{}", spec.name);
        assert_eq!(read_back(&text, Notation::Macros), *spec);
    }
}

#[test]
fn the_contract_comes_back_from_kernel_doc() {
    for spec in &SPECS {
        let text = render::kernel_doc(spec);
        assert_eq!(read::text(&text).findings, [], "{}", spec.name);
        assert_eq!(read_back(&text, Notation::KernelDoc), *spec);
    }
}

#[test]
fn a_specification_that_says_nothing_comes_back() {
    let nothing = Spec::new("sys_x".into());
    assert_eq!(
        read_back(&render::macros(&nothing), Notation::Macros),
        nothing
    );
}

#[test]
fn several_specifications_in_one_text_stay_apart() {
    for write in [render::macros, render::kernel_doc] {
        let text: String = SPECS.iter().map(write).collect();
        let reading = read::text(&text);
        let read: Vec<_> = reading.specs.into_iter().map(|read| read.spec).collect();
        assert_eq!(read, SPECS);
    }
}

#[test]
fn committed_inputs_come_back() {
    for text in [
        include_str!("inputs/every-macro.patch"),
        include_str!("inputs/flat.c"),
        include_str!("inputs/short-names.c"),
    ] {
        let read = read::text(text).specs.remove(0);
        let again = match read.notation {
            Notation::Macros => render::macros(&read.spec),
            _ => render::kernel_doc(&read.spec),
        };
        assert_eq!(read_back(&again, read.notation), without_lines(&read.spec));
    }
}

#[test]
fn the_published_specification_comes_back() {
    let name = "the_published_specification_comes_back";
    let Some(text) = seed::read_seed(name, "mlock2-api-specification.txt") else {
        return;
    };
    let published = read::text(&text).specs.remove(0).spec;
    let again = read_back(&render::macros(&published), Notation::Macros);
    assert_eq!(again, published);
    let again = read_back(&render::kernel_doc(&published), Notation::KernelDoc);
    assert_eq!(again, published);
}

#[test]
fn what_one_notation_did_not_know_is_not_lost_in_the_other() {
    let from_macros = read::text(include_str!("inputs/every-macro.patch"))
        .specs
        .remove(0)
        .spec;
    let comment = render::kernel_doc(&from_macros);
    let from_comment = read::text(include_str!("inputs/short-names.c"))
        .specs
        .remove(0)
        .spec;
    let block = render::macros(&from_comment);
    for (spec, text) in [(from_macros, comment), (from_comment, block)] {
        assert!(!spec.unknown.is_empty());
        for unknown in spec.unknown.iter() {
            let (name, arguments) = (&*unknown.name, unknown.arguments.as_deref().unwrap_or(""));
            assert!(
                text.contains(name) && text.contains(arguments),
                "{unknown:?}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn random_specifications_come_back_from_macros(spec in spec(in_macros())) {
        let text = render::macros(&spec);
        prop_assert_eq!(read_back(&text, Notation::Macros), spec, "{}", text);
    }

    #[test]
    fn random_specifications_come_back_from_kernel_doc(spec in spec(in_kernel_doc())) {
        let text = render::kernel_doc(&spec);
        prop_assert_eq!(read_back(&text, Notation::KernelDoc), spec, "{}", text);
    }
}
